"""Promises of each endpoint and each fault, kept over real sockets."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from dialer.sandbox import Faults, Sandbox
from dialer.sandbox.app import Api
from dialer.sandbox.calls import Calls
from tests.sandbox.client import Answer, ask, call, certain, connect, full_call, outcome, post, raw_post
from tests.submit.virtual_time import run

MIXED = Faults(seed=7, error_before=0.1, drop_before=0.1, refuse=0.1, error_after=0.1, drop_after=0.1, garbage=0.2)


def without_socket(api: Api, *requests: tuple[str, Any]) -> list[httpx.Response]:
    """Send *requests* (method, body) to *api* in order: for promises about a clock that is handed in."""

    async def send() -> list[httpx.Response]:
        return [await sent(api, method, body) for method, body in requests]

    return asyncio.run(send())


async def sent(api: Api, method: str, body: Any = None) -> httpx.Response:
    """Send one request to *api* in the same process."""
    transport = httpx.ASGITransport(app=api)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        return await client.request(method, "/v1/phoneCalls", json=body, headers={"aicaller-api-key": "a key"})


def problems(answer: Answer) -> list[str]:
    """Return an error reply's messages, having looked at its documented form."""
    body = answer.json
    assert set(body) == {"statusCode", "message", "error"}
    assert body["statusCode"] == answer.status
    assert isinstance(body["message"], list)
    return [str(message) for message in body["message"]]


def test_a_created_call_is_echoed_with_its_id() -> None:
    """A valid POST is answered 200 with the request, webhook secrets included, and the API's own fields."""
    with Sandbox() as sandbox:
        answer = post(sandbox.url, full_call())

        assert answer.status == 200
        assert answer.headers.get_content_type() == "application/json"
        assert answer.data == full_call() | {name: answer.data[name] for name in ("_id", "createdAt", "updatedAt")}
        assert sandbox.created == [answer.data]


def test_a_batch_creates_every_call_in_order() -> None:
    """A batch is answered with its calls in the order of the request."""
    batch = [call(nameOfHuman=f"Person {index}") for index in range(20)]
    with Sandbox() as sandbox:
        answer = ask(sandbox.url, "POST", "/v1/phoneCalls/batch", {"phoneCalls": batch})

        assert answer.status == 200
        assert [made["nameOfHuman"] for made in answer.data] == [made["nameOfHuman"] for made in batch]
        assert sandbox.created == answer.data


def test_a_batch_is_created_whole_or_not_at_all() -> None:
    """One invalid call refuses the batch and creates none."""
    batch = {"phoneCalls": [call(), call(toPhoneNumber="12"), call()]}
    with Sandbox() as sandbox:
        answer = ask(sandbox.url, "POST", "/v1/phoneCalls/batch", batch)

        assert answer.status == 400
        assert [problem.split(" ")[0] for problem in problems(answer)] == ["phoneCalls.1.toPhoneNumber"]
        assert sandbox.created == []


def test_the_listing_gives_calls_newest_last() -> None:
    """GET lists every call, and with `callTemplateId` only those of one template."""
    with Sandbox() as sandbox:
        made = [post(sandbox.url, call(callTemplateId=template)).data for template in ("a", "b", "a")]

        assert ask(sandbox.url, "GET", "/v1/phoneCalls").data == made
        assert ask(sandbox.url, "GET", "/v1/phoneCalls?callTemplateId=a").data == [made[0], made[2]]
        assert ask(sandbox.url, "GET", "/v1/phoneCalls?callTemplateId=c").data == []


def test_a_call_is_read_by_its_id() -> None:
    """GET with an id gives that call; an unknown id is answered 404."""
    with Sandbox() as sandbox:
        made = post(sandbox.url, call()).data

        assert ask(sandbox.url, "GET", f"/v1/phoneCalls/{made['_id']}").data == made
        unknown = ask(sandbox.url, "GET", "/v1/phoneCalls/000000000000000000000000")
        assert unknown.status == 404
        assert problems(unknown)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/calls", 404),
        ("POST", "/v1/phoneCalls/", 404),
        ("GET", "/", 404),
        ("DELETE", "/v1/phoneCalls", 405),
        ("PATCH", "/v1/phoneCalls/000000000000000000000000", 405),
    ],
)
def test_other_addresses_and_methods_do_not_exist(method: str, path: str, status: int) -> None:
    """What no public page names is refused, never redirected."""
    with Sandbox() as sandbox:
        answer = ask(sandbox.url, method, path, call())

        assert answer.status == status
        assert problems(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/phoneCalls"),
        ("POST", "/v1/phoneCalls/batch"),
        ("GET", "/v1/phoneCalls"),
        ("GET", "/v1/phoneCalls/000000000000000000000000"),
    ],
)
def test_every_endpoint_wants_a_key(method: str, path: str) -> None:
    """A missing, an empty and a wrong key are answered 401, and the message does not repeat the key."""
    with Sandbox(api_key="the right key") as sandbox:
        for key in (None, "", "the wrong key"):
            answer = ask(sandbox.url, method, path, call(), key=key)
            assert answer.status == 401
            assert "wrong" not in " ".join(problems(answer))
        assert ask(sandbox.url, method, path, call(), key="the right key").status != 401
        assert len(sandbox.created) == (1 if path == "/v1/phoneCalls" and method == "POST" else 0)


@pytest.mark.parametrize(
    "body",
    [b"", b'{"teamId": ', b"\xff\xfe", b"[]", b'"text"'],
    ids=["empty", "cut", "utf-16", "list", "text"],
)
def test_a_malformed_body_is_refused(body: bytes) -> None:
    """What is no JSON object is answered 400 and creates nothing."""
    with Sandbox() as sandbox:
        answer = post(sandbox.url, body)

        assert answer.status == 400
        assert len(problems(answer)) == 1
        assert sandbox.created == []


def test_a_body_must_be_declared_as_json() -> None:
    """Without `Content-Type: application/json` a body is not looked at."""
    with Sandbox() as sandbox:
        answer = post(sandbox.url, call(), as_json=False)

        assert answer.status == 400
        assert "Content-Type" in problems(answer)[0]


def test_unknown_fields_are_refused_unless_allowed() -> None:
    """The option lets undocumented fields through and echoes them."""
    with Sandbox() as sandbox:
        assert problems(post(sandbox.url, call(note="x"))) == ["note is not a known field"]
    with Sandbox(allow_unknown_fields=True) as sandbox:
        assert post(sandbox.url, call(note="x")).data["note"] == "x"


def test_requests_are_counted_by_method() -> None:
    """Every request counts, the refused ones too."""
    with Sandbox() as sandbox:
        post(sandbox.url, call())
        post(sandbox.url, call(), key=None)
        ask(sandbox.url, "GET", "/v1/phoneCalls")
        ask(sandbox.url, "DELETE", "/nowhere")

        assert sandbox.requests == {"POST": 2, "GET": 1, "DELETE": 1}


def test_the_rate_limit_counts_accepted_posts_only() -> None:
    """In any sliding second N POSTs pass, whatever else is asked; a refused one costs nothing."""
    times_ns = iter([0, 500, 900, 999_999_999, 1_000_000_000, 1_000_000_499, 1_000_000_500])
    api = Api(Calls(), faults=Faults(requests_per_second=2), monotonic_ns=lambda: next(times_ns))

    answers = without_socket(api, ("GET", None), *[("POST", call())] * 7, ("GET", None))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 200, 429, 200, 200]
    assert answers[3].headers["retry-after"] == "1"
    assert len(answers[-1].json()["data"]) == 4


def test_a_wrong_key_costs_no_pace() -> None:
    """A POST refused for its key leaves the rate limit to the others."""
    with Sandbox(faults=Faults(requests_per_second=1)) as sandbox:
        assert post(sandbox.url, call(), key=None).status == 401
        assert post(sandbox.url, call()).status == 200


def test_a_rate_limit_can_name_a_date() -> None:
    """With `retry_after="date"` the pause ends at an HTTP date by the same clock as the reply's own, rounded up."""
    calls, times_ns = Calls(now_ms=lambda: 1_800_000_000_500), iter([0, 300_000_000])
    faults = Faults(requests_per_second=1, retry_after="date")
    api = Api(calls, faults=faults, dated=True, monotonic_ns=lambda: next(times_ns))

    created, refused = without_socket(api, ("POST", call()), ("POST", call()))

    assert (created.status_code, refused.status_code, len(calls)) == (200, 429, 1)
    assert parsedate_to_datetime(refused.headers["date"]).timestamp() == 1_800_000_000
    assert parsedate_to_datetime(refused.headers["retry-after"]).timestamp() == 1_800_000_002


@pytest.mark.parametrize(
    ("fault", "result", "created"),
    [
        ("error_before", "500", 0),
        ("error_after", "500", 1),
        ("drop_before", "dropped", 0),
        ("drop_after", "dropped", 1),
        ("refuse", "400", 0),
    ],
)
def test_a_fault_happens_before_or_after_creation(fault: str, result: str, created: int) -> None:
    """The client sees the same, whether the call exists or not; only the sandbox's list knows."""
    with Sandbox(faults=certain(fault)) as sandbox:
        assert outcome(sandbox.url, call()) == result
        assert len(sandbox.created) == created


def test_garbage_hides_a_created_call() -> None:
    """Each kind of useless 200 occurs, none shows a usable id, and every call exists."""
    with Sandbox(faults=Faults(garbage=1.0)) as sandbox:
        results = Counter(outcome(sandbox.url, call()) for _post in range(30))

        assert set(results) == {"garbage", "no id"}
        assert len(sandbox.created) == 30
        assert {post(sandbox.url, call()).headers.get_content_type() for _post in range(20)} == {
            "application/json",
            "text/html",
        }


def test_the_error_status_and_its_pause_can_be_chosen() -> None:
    """A 503 with Retry-After, or a status that no standard names."""
    with Sandbox(faults=Faults(error_before=1.0, error_status=503, error_retry_after_seconds=7)) as sandbox:
        answer = post(sandbox.url, call())
        assert (answer.status, answer.headers["retry-after"]) == (503, "7")
        assert problems(answer)
    with Sandbox(faults=Faults(error_after=1.0, error_status=599)) as sandbox:
        answer = post(sandbox.url, call())
        assert (answer.status, answer.headers["retry-after"]) == (599, None)


def test_the_key_is_refused_after_n_posts() -> None:
    """Once N POSTs were accepted every request is answered 401, a GET too."""
    with Sandbox(faults=Faults(key_refused_after=3)) as sandbox:
        assert ask(sandbox.url, "GET", "/v1/phoneCalls").status == 200
        assert [post(sandbox.url, call()).status for _post in range(5)] == [200, 200, 200, 401, 401]
        assert ask(sandbox.url, "GET", "/v1/phoneCalls").status == 401
        assert len(sandbox.created) == 3


def test_the_key_limit_holds_under_concurrency() -> None:
    """Of many POSTs at once exactly N are accepted."""
    with Sandbox(faults=Faults(key_refused_after=10, latency_ms=5)) as sandbox, ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda _post: outcome(sandbox.url, call()), range(40)))

        assert statuses == {"200": 10, "401": 30}


def test_credit_ends_after_n_calls() -> None:
    """A POST that would make more than N calls is answered 402 and creates nothing; refused ones are free."""
    batch = {"phoneCalls": [call(), call()]}
    with Sandbox(faults=Faults(no_credit_after=3)) as sandbox:
        assert post(sandbox.url, call(toPhoneNumber="12")).status == 400
        assert ask(sandbox.url, "POST", "/v1/phoneCalls/batch", batch).status == 200
        assert ask(sandbox.url, "POST", "/v1/phoneCalls/batch", batch).status == 402
        assert [post(sandbox.url, call()).status for _post in range(2)] == [200, 402]
        assert len(sandbox.created) == 3


def test_latency_delays_every_answer() -> None:
    """Each answer comes when the latency has passed, by the clock of the loop that serves it."""
    api = Api(Calls(), faults=Faults(latency_ms=40))

    async def post_and_list() -> list[float]:
        loop = asyncio.get_running_loop()
        await sent(api, "POST", call())
        posted = loop.time()
        await sent(api, "GET")
        return [posted, loop.time()]

    assert run(post_and_list()) == pytest.approx([0.04, 0.08], abs=0.001)


def test_a_call_is_created_for_a_client_that_has_gone() -> None:
    """A client that gives up during the latency has created a call all the same."""
    with Sandbox(faults=Faults(latency_ms=100)) as sandbox:
        with connect(sandbox.url) as connection:
            raw_post(connection)
            while not sandbox.requests:
                pass

        assert len(ask(sandbox.url, "GET", "/v1/phoneCalls").data) == 1


def test_a_listing_can_lag() -> None:
    """A call appears in the listing only after the lag, while reading it by id works at once."""
    now_ms = [1_000_000]
    calls = Calls(now_ms=lambda: now_ms[0])
    api = Api(calls, faults=Faults(list_lag_ms=500))

    def listed() -> int:
        (answer,) = without_socket(api, ("GET", None))
        return len(answer.json()["data"])

    without_socket(api, ("POST", call()))
    assert listed() == 0
    now_ms[0] += 499
    assert listed() == 0
    now_ms[0] += 1
    assert listed() == 1


def test_a_lagging_call_is_read_by_its_id() -> None:
    """The lag concerns the listing alone."""
    with Sandbox(faults=Faults(list_lag_ms=3_600_000)) as sandbox:
        made = post(sandbox.url, call()).data

        assert ask(sandbox.url, "GET", "/v1/phoneCalls").data == []
        assert ask(sandbox.url, "GET", f"/v1/phoneCalls/{made['_id']}").data == made
        assert sandbox.created == [made]


def test_a_listing_can_be_cut() -> None:
    """With a cap the listing shows the newest N calls of what was asked for, newest last."""
    with Sandbox(faults=Faults(list_cap=2)) as sandbox:
        made = [post(sandbox.url, call(callTemplateId=template)).data for template in "aaabb"]

        assert ask(sandbox.url, "GET", "/v1/phoneCalls").data == made[3:]
        assert ask(sandbox.url, "GET", "/v1/phoneCalls?callTemplateId=a").data == made[1:3]


def test_a_listing_can_fail() -> None:
    """`list_errors` answers the listing 500 and spares everything else."""
    with Sandbox(faults=Faults(list_errors=1.0)) as sandbox:
        made = post(sandbox.url, call()).data

        assert ask(sandbox.url, "GET", "/v1/phoneCalls").status == 500
        assert ask(sandbox.url, "GET", f"/v1/phoneCalls/{made['_id']}").status == 200


def test_a_seed_repeats_a_whole_conversation() -> None:
    """Two sandboxes with one seed answer the same requests the same way, and another seed otherwise."""

    def conversation(faults: Faults) -> tuple[list[str], int]:
        with Sandbox(faults=faults) as sandbox:
            return [outcome(sandbox.url, call()) for _post in range(60)], len(sandbox.created)

    first = conversation(MIXED)

    assert conversation(MIXED) == first
    assert len(set(first[0])) == 6


def test_concurrency_does_not_change_what_a_seed_deals_out() -> None:
    """Sixty POSTs meet the same fates in sum, one after the other or eight at once."""
    with Sandbox(faults=MIXED) as alone:
        one_by_one = Counter(outcome(alone.url, call()) for _post in range(60))
    with Sandbox(faults=MIXED) as together, ThreadPoolExecutor(8) as pool:
        at_once = Counter(pool.map(lambda _post: outcome(together.url, call()), range(60)))

    assert at_once == one_by_one
    assert len(together.created) == len(alone.created)


def test_refused_posts_use_up_no_fate() -> None:
    """A POST refused for its key leaves the fate of the next one as it was."""
    with Sandbox(faults=MIXED) as sandbox:
        plain = [outcome(sandbox.url, call()) for _post in range(20)]
    with Sandbox(faults=MIXED) as sandbox:
        mixed = []
        for _post in range(20):
            assert post(sandbox.url, call(), key=None).status == 401
            mixed.append(outcome(sandbox.url, call()))

    assert mixed == plain


def test_requests_wait_side_by_side() -> None:
    """Latency holds one request, not the others: ten of an hour take an hour together."""
    api = Api(Calls(), faults=Faults(latency_ms=3_600_000))

    async def ten_at_once() -> tuple[list[httpx.Response], float]:
        answers = await asyncio.gather(*(sent(api, "POST", call()) for _post in range(10)))
        return answers, asyncio.get_running_loop().time()

    answers, seconds = run(ten_at_once())
    assert [answer.status_code for answer in answers] == [200] * 10
    assert seconds == pytest.approx(3_600, abs=0.1)
