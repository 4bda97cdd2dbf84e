"""Whole submittings: the order of claim, POST and settlement, what is tried again, and what stops everything."""

import asyncio
from itertools import pairwise
from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.calls.outcome import Kind, StopCode
from dialer.submit.gate import MAX_BACKOFF_SECONDS
from dialer.submit.pacing import MAX_PAUSE_SECONDS
from tests.submit.rehearsal import SHARED, Answer, Post, Rehearsal, always, create, failing, put_off_once
from tests.support import number


def test_every_call_is_claimed_then_sent_then_settled() -> None:
    """For each call the claim is stored before its POST, and the outcome after the reply; each is sent once."""
    done = Rehearsal(count=60, commit_seconds=lambda contact: contact % 3 / 50).run()

    for contact in range(60):
        events = [event for event in done.journal if event.contact_id == contact]
        assert [event.what for event in events] == ["claim", "post", "replied", "settle"]
        assert len({event.slot_ms for event in events}) == 1
    assert set(done.kinds) == {Kind.CREATED}
    assert {settlement.outcome.call_id for settlement in done.settlements} == {f"call-{n}" for n in range(60)}
    assert (done.stop_code, done.late, done.error) == (None, False, None)


@pytest.mark.slow
@given(
    fates=st.lists(
        st.sampled_from(["created", "refused", "put off", "not sent", "unknown", "500"]), min_size=1, max_size=25
    ),
    concurrency=st.integers(1, 6),
    data=st.data(),
)
@settings(max_examples=60)
def test_whatever_happens_nothing_is_sent_twice_that_may_exist(
    fates: list[str], concurrency: int, data: st.DataObject
) -> None:
    """Under any mixture of outcomes each POST follows its own claim, and only a surely uncounted one is repeated."""
    repeatable = {"put off", "not sent"}
    delays = data.draw(st.lists(st.floats(0, 2), min_size=len(fates), max_size=len(fates)))

    async def answer(post: Post) -> httpx.Response:
        await asyncio.sleep(delays[post.contact_id])
        fate = fates[post.contact_id]
        if fate == "not sent":
            raise httpx.ConnectError("made up")
        if fate == "unknown":
            raise httpx.ReadTimeout("made up")
        status = {"refused": 400, "put off": 429, "500": 500}.get(fate)
        return httpx.Response(status) if status else await create(post)

    done = Rehearsal(answer, count=len(fates), settings={"concurrency": concurrency, "max_attempts": 2}).run()

    assert done.error is None
    assert len(done.settlements) == len(done.claims)
    for contact, fate in enumerate(fates):
        events = [event.what for event in done.journal if event.contact_id == contact]
        tries = events.count("post")
        assert tries <= (2 if fate in repeatable else 1)
        assert events.count("claim") == events.count("settle") >= tries
        assert [what for what in events if what in {"claim", "post"}][: 2 * tries] == ["claim", "post"] * tries


@pytest.mark.parametrize("earlier", [0, 3])
def test_what_surely_was_not_sent_is_tried_again_with_a_new_attempt(earlier: int) -> None:
    """Each try has its own claim, number and instant; the contact stays pending until one counts."""
    done = Rehearsal(failing(httpx.ConnectError, times=3), count=1, attempts=earlier).run()

    assert done.kinds == [Kind.NOT_SENT] * 3 + [Kind.CREATED]
    assert [claim.number for claim in done.claims] == [earlier + 1, earlier + 2, earlier + 3, earlier + 4]
    assert [settlement.again for settlement in done.settlements] == [True, True, True, False]
    assert len({body["callDelayedUntil"] for body in done.bodies}) == 4
    assert [final for _, final in done.told] == [False, False, False, True]


@pytest.mark.parametrize("answer", [failing(httpx.ConnectError), failing(httpx.ConnectTimeout), always(429)])
def test_the_last_try_is_final(answer: Answer) -> None:
    """After `max_attempts` tries the contact has failed, and is safe to run again."""
    done = Rehearsal(answer, count=1, settings={"max_attempts": 3}).run()

    assert len(done.of("post")) == 3
    assert [settlement.again for settlement in done.settlements] == [True, True, False]
    assert done.told[-1][1]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        *((always(status), Kind.REFUSED) for status in (400, 404, 413, 422)),
        *((always(status), Kind.UNKNOWN) for status in (200, 201, 408, 409, 500, 502, 503, 504)),
        (always(503, retry_after="1"), Kind.UNKNOWN),
        *((failing(kind), Kind.UNKNOWN) for kind in (httpx.ReadTimeout, httpx.ReadError, httpx.WriteTimeout)),
        (failing(httpx.RemoteProtocolError), Kind.UNKNOWN),
    ],
)
def test_what_counted_or_may_have_is_never_tried_again(answer: Answer, kind: Kind) -> None:
    """A refused call and an unknown one get exactly one POST in a run."""
    done = Rehearsal(answer, count=3).run()

    assert done.kinds == [kind] * 3
    assert len(done.of("post")) == 3
    assert not any(settlement.again for settlement in done.settlements)


def test_the_body_says_what_the_claim_says() -> None:
    """Where the book moves a slot, the moved one is sent; the fields of the campaign stand beside the person's."""
    done = Rehearsal(count=3, shift_ms=7).run()

    for claim, event, body in zip(done.claims, done.of("post"), done.bodies, strict=True):
        assert event.slot_ms == claim.slot_ms
        assert claim.slot_ms % 100 == 7
        assert body == SHARED | {
            "nameOfHuman": f"Person {claim.contact_id}",
            "toPhoneNumber": number(claim.contact_id),
            "callDelayedUntil": body["callDelayedUntil"],
        }


# Pauses and back-off.


@pytest.mark.parametrize("status", [429, 425, 503])
def test_a_pause_holds_back_every_worker(status: int) -> None:
    """From the reply that asks for it until its end, no worker sends anything."""
    done = Rehearsal(put_off_once(status, retry_after="30"), count=40).run()

    paused_at = done.of("replied", 2)[0].at
    assert not [event for event in done.of("post") if paused_at < event.at < paused_at + 30]
    assert [event for event in done.of("post") if event.at >= paused_at + 30]
    assert done.kinds.count(Kind.CREATED) == (39 if status == 503 else 40)
    assert done.stop_code is None
    assert done.submitter is not None
    assert done.submitter.share.put_off == (status == 429)
    assert (done.submitter.share.lowest < 1) == (status == 429)


@pytest.mark.parametrize("headers", [{}, {"retry_after": "0"}, {"retry_after": "Mon, 23 Nov 2020 17:00:00 GMT"}])
def test_a_put_off_call_is_never_repeated_at_once(headers: dict[str, str]) -> None:
    """Without a `Retry-After`, or with one that is over already, everyone still waits the usual back-off."""
    done = Rehearsal(put_off_once(429, **headers), count=40).run()

    put_off_at = done.of("replied", 2)[0].at
    assert not [event for event in done.of("post") if put_off_at < event.at < put_off_at + 0.25]
    assert done.kinds.count(Kind.CREATED) == 40


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "stops"), [(MAX_PAUSE_SECONDS, False), (MAX_PAUSE_SECONDS + 1, True)])
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_too_long_ends_the_run(status: int, seconds: int, stops: bool) -> None:  # noqa: FBT001 - a table's column
    """Waiting longer than a quarter of an hour would carry slots past their time."""
    done = Rehearsal(put_off_once(status, retry_after=str(seconds)), count=40).run()

    assert done.stop_code == (StopCode.PAUSE_TOO_LONG if stops else None)
    if stops:
        assert len(done.of("post")) < 10
        assert all(settlement.again or settlement.outcome.kind == Kind.CREATED for settlement in done.settlements) == (
            status == 429
        )


@pytest.mark.parametrize("seed", range(5))
def test_the_back_off_doubles_within_its_bounds(seed: int) -> None:
    """Between two tries lies half to all of 0.5, 1, 2, 4... seconds, never more than the longest back-off."""
    limits = {"max_attempts": 5, "concurrency": 1}
    done = Rehearsal(failing(httpx.ConnectError), count=1, settings=limits, random=Random(seed)).run()

    bounds = [min(MAX_BACKOFF_SECONDS, 0.5 * 2**attempt) for attempt in range(4)]
    waits = [later.at - earlier.at for earlier, later in pairwise(done.of("post"))]
    assert len(waits) == len(bounds)
    assert all(bound / 2 <= wait <= bound + 0.05 for wait, bound in zip(waits, bounds, strict=True))
