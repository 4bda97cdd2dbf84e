"""Finds out, from the API's own listing of calls, what became of attempts whose outcome is unknown. Pure.

A match needs only itself; *not found* needs a listing that is whole. How the API pages, sorts or cuts its listing
is not documented, so a listing counts as whole only when nothing speaks against it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import chain

SKEW = timedelta(minutes=2)
"""How far the API's `createdAt` may lie outside the attempt's own interval: twice what a clock may be off."""


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One call as the API lists it; instants in ms since the epoch, None where absent or unreadable.

    `repr()` does not show the phone number.
    """

    call_id: str
    phone: str = field(repr=False)
    slot_ms: int | None
    created_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One complete reply to the list request; *cut* tells why it may not be all there is, "" when nothing says so."""

    calls: tuple[ListedCall, ...]
    cut: str


@dataclass(frozen=True, slots=True)
class UnknownAttempt:
    """An attempt whose call may exist. *since_ms* to *until_ms*: when it can have been created.

    *may_differ*: the API told of its call otherwise than it was asked for, so that only a person can say which it is.
    `repr()` does not show the phone number.
    """

    contact_id: int
    number: int
    phone: str = field(repr=False)
    slot_ms: int
    since_ms: int
    until_ms: int
    may_differ: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedCalls:
    """The calls that other attempts are known to have created.

    *listed* are those that the listing looked at must hold, with their slots (ms), and *claimed_at_ms* when they were
    claimed; *elsewhere* are ids of calls that some other campaign created, which it may hold.
    """

    listed: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Collection[str] = ()
    claimed_at_ms: Mapping[str, int] = field(default_factory=dict)

    def __contains__(self, call_id: object) -> bool:
        return call_id in self.listed or call_id in self.elsewhere

    def echoed_by(self, passes: Sequence["Listing"]) -> bool | None:
        """Return whether the API gives slots back exactly: each known call has its own; None where none is listed."""
        seen = [
            call.slot_ms == self.listed[call.call_id]
            for listing in passes
            for call in listing.calls
            if call.call_id in self.listed
        ]
        return all(seen) if seen else None


class Finding(StrEnum):
    """What the listings say of one unknown attempt."""

    CREATED = "created"
    NOT_FOUND = "not_found"
    TWO_MATCHES = "two_matches"
    STILL_UNKNOWN = "still_unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """The finding for one attempt, with the call's id where it was found, or *why* it is still unknown."""

    attempt: UnknownAttempt
    finding: Finding
    call_id: str | None = None
    why: str = ""


def why_not_whole(listing: Listing, known: ExpectedCalls, *, may_be_empty: bool = False) -> str:
    """Return why the listing may not be all there is; "" where it is not cut and holds every call known to exist.

    An empty one shows by nothing that it is the list the calls would be in: another key, or another template, gives
    an empty list too. It counts only where it *may_be_empty*.
    """
    ids = {call.call_id for call in listing.calls}
    if listing.cut:
        return f"the listing may be cut: {listing.cut}"
    if not set(known.listed) <= ids:
        return "the listing lacks calls that exist"
    return "" if ids or may_be_empty else "the listing is empty, as with another key or another template"


def _why_unsettled(passes: Sequence[Listing], known: ExpectedCalls, *, may_be_empty: bool, may_grow: bool) -> str:
    """Return why *passes* cannot show that a call does not exist."""
    if len(passes) < 2:  # noqa: PLR2004 - two passes
        return "the listing could not be read twice, or is another API's"
    agree = _is_part if may_grow else same_calls
    for listing in passes:
        if why := why_not_whole(listing, known, may_be_empty=may_be_empty):
            return why
        if not agree(passes[0], listing):
            return "the listing is still changing"
    return ""


def _newest_known_ms(passes: Sequence[Listing], known: ExpectedCalls) -> int:
    """Return when the newest known call was claimed that every pass holds; -1 for none."""
    return min(
        (max((known.claimed_at_ms.get(call.call_id, -1) for call in listing.calls), default=-1) for listing in passes),
        default=-1,
    )


def same_calls(first: Listing, second: Listing) -> bool:
    """Return whether two passes saw the same calls, in whatever order."""
    return {call.call_id for call in first.calls} == {call.call_id for call in second.calls}


def _is_part(first: Listing, second: Listing) -> bool:
    return {call.call_id for call in first.calls} <= {call.call_id for call in second.calls}


def find_attempts(
    attempts: Sequence[UnknownAttempt],
    passes: Sequence[Listing],
    known: ExpectedCalls,
    *,
    rivals: Sequence[UnknownAttempt] = (),
    may_be_empty: bool = False,
    may_grow: bool = False,
) -> list[Found]:
    """Say for each attempt what the *passes* show.

    The fingerprint is the number with the exact slot. Where no call has it, the number with a creation inside the
    attempt's interval and a slot in the same second: rounded, or that of a later try which a lost ledger knew. With
    another slot it settles nothing: it may be somebody else's, or ours at a shifted time. Calls of other attempts never
    match; one of them with the fingerprint had its id told of another call, and settles nothing. Nor does one that
    could be another unknown attempt's too: *rivals* are all unknown attempts there are, whatever they belong to.

    *Not found* takes two whole and equal passes; where other calls are being created meanwhile they *may_grow*. Each
    holds a known call newer than the attempt, for one that is cut after its oldest calls looks whole, unless it
    *may_be_empty*. Where known calls have other slots in it, no strange call has the number.
    """
    unsettled = _why_unsettled(passes, known, may_be_empty=may_be_empty, may_grow=may_grow)
    newest_ms = _newest_known_ms(passes, known)
    by_phone: dict[str, dict[str, ListedCall]] = {}
    for call in chain.from_iterable(listing.calls for listing in passes):
        by_phone.setdefault(call.phone, {})[call.call_id] = call
    echoed = known.echoed_by(passes)
    of_phone = _by_phone([*rivals, *attempts])
    found = []
    for attempt in attempts:
        calls = list(by_phone.get(attempt.phone, {}).values())
        matches = [None if call.call_id in known else call for call in calls if call.slot_ms == attempt.slot_ms]
        unclaimed = [call for call in calls if call.call_id not in known]
        if not matches and not attempt.may_differ:
            matches = _near(attempt, unclaimed, of_phone[attempt.phone])
        why = unsettled or ("" if may_be_empty or newest_ms > attempt.until_ms else _NO_NEWER)
        why = why or (_CHANGED if echoed is False and unclaimed else "")
        found.append(_judge(attempt, matches, why=_DIFFERS if attempt.may_differ else why))
    return found


_NO_NEWER = (
    "the listing holds no known call newer than it, so it may be cut before it; run again with other rows first, or"
    " look at the API and give --accept-empty"
)
_CHANGED = "the listing holds a call to its number, and tells other times of known calls than they have; look there"
_DIFFERS = "the API told of its call otherwise than it was asked for; look there"


def find_created(attempts: Iterable[UnknownAttempt], passes: Sequence[Listing], known: ExpectedCalls) -> list[Found]:
    """Find calls of attempts that the API refused or put off, by number and exact slot; one for each contact.

    An absence needs no proof here: the API has said that it created nothing.
    """
    calls = {
        (call.phone, call.slot_ms): call for listing in passes for call in listing.calls if call.call_id not in known
    }
    found: dict[int, Found] = {}
    for attempt in attempts:
        if (call := calls.get((attempt.phone, attempt.slot_ms))) is not None:
            found[attempt.contact_id] = Found(attempt, Finding.CREATED, call.call_id)
    return list(found.values())


def _by_phone(attempts: Sequence[UnknownAttempt]) -> dict[str, list[UnknownAttempt]]:
    found: dict[str, list[UnknownAttempt]] = {}
    for attempt in {(item.contact_id, item.number): item for item in attempts}.values():
        found.setdefault(attempt.phone, []).append(attempt)
    return found


def _near(
    attempt: UnknownAttempt, calls: Sequence[ListedCall], of_phone: Sequence[UnknownAttempt]
) -> list[ListedCall | None]:
    """Return the calls that are *attempt*'s by the time of their creation; None stands for one that may be another's.

    So is one with another suitor, and one with another slot, but for its fraction of a second.
    A call with the exact slot of one of the number's unknown attempts is that one's, which then is no suitor of others.
    """
    listed = {call.slot_ms for call in calls}
    suitors = [other for other in of_phone if other.slot_ms not in listed]
    slots = {other.slot_ms for other in of_phone}

    def is_own(call: ListedCall) -> bool:
        return _is_rounded(attempt, call) and sum(_is_within(other, call) for other in suitors) == 1

    near = (call for call in calls if call.slot_ms not in slots and _is_within(attempt, call))
    return [call if is_own(call) else None for call in near]


def _is_rounded(attempt: UnknownAttempt, call: ListedCall) -> bool:
    return call.slot_ms is not None and abs(call.slot_ms - attempt.slot_ms) < 1_000  # noqa: PLR2004 - a second


def _judge(attempt: UnknownAttempt, matches: Sequence[ListedCall | None], *, why: str) -> Found:
    if not matches:
        return Found(attempt, Finding.STILL_UNKNOWN if why else Finding.NOT_FOUND, why=why)
    if len(matches) == 1 and matches[0] is not None:
        return Found(attempt, Finding.CREATED, matches[0].call_id)
    return Found(attempt, Finding.TWO_MATCHES)


def _is_within(attempt: UnknownAttempt, call: ListedCall) -> bool:
    skew_ms = SKEW // timedelta(milliseconds=1)
    return call.created_at_ms is not None and (
        attempt.since_ms - skew_ms <= call.created_at_ms <= attempt.until_ms + skew_ms
    )
