"""Rows and calls added up: each figure of the page against a list short enough to add up by hand."""

from dialer.clock import to_ms
from dialer.ledger.call_reports import CallReport
from dialer.ledger.row_reports import CallEnd, RowReport
from dialer.ledger.suppression_list import OpenCall
from dialer.reasons import Status
from dialer.results.report import frames
from dialer.results.report.content import Bar
from tests.support import MONDAY_NOON, NOON_MS

HOUR_MS = 3_600_000
NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


def call(
    slot_ms: int = NOON_MS, zones: str = NEW_YORK, *, outcome: str | None = "created", contact: int = 1, **end: object
) -> CallReport:
    """Return an attempt of one run, which ended as *end* says."""
    told = {"status": None, "status_code": None, "is_final": None, "duration_seconds": None, "answered_at_ms": None}
    whole = told | end
    return CallReport(contact, "r", 1, zones, "US", slot_ms, NOON_MS, NOON_MS, outcome, 200, **whole)  # type: ignore[arg-type]


def row(number: int, status: Status, reason: str = "", end: CallEnd | None = None) -> RowReport:
    """Return a row that became *status*."""
    return RowReport(number, ("A", "B"), status, reason, "why", None, "+12015550100", NOON_MS, 1, NOON_MS, end)


def end_of(status: str, code: str = "") -> CallEnd:
    """Return how a call ended."""
    return CallEnd(status, code, 60.0, NOON_MS, "", {})


def bars(found: list[Bar]) -> dict[str, tuple[float, float]]:
    """Return the counts of bars, and what they are a share of."""
    return {bar.label: (bar.count, bar.of) for bar in found}


def test_a_slot_is_counted_on_the_persons_own_clock() -> None:
    """One instant is noon in New York and evening in Berlin, across midnight another day and weekday."""
    late = to_ms(MONDAY_NOON.replace(hour=23, minute=30))
    found = frames.frame_of_calls([call(late), call(late, f"{BERLIN}|Europe/Paris"), call(late, "Asia/Kolkata")])

    assert found["hour"].tolist() == [18, 0, 5]
    assert found["day"].tolist() == ["2026-11-23", "2026-11-24", "2026-11-24"]
    assert found["weekday"].tolist() == [0, 1, 1]
    assert frames.slots_by_hour(found[found["zone"] == BERLIN]) == {("2026-11-24", 0): 1}


def test_nothing_adds_up_to_nothing() -> None:
    """A campaign without rows and calls makes a page all the same."""
    rows, calls = frames.frame_of_rows([], ()), frames.frame_of_calls([])

    assert bars(frames.funnel(rows, now_ms=NOON_MS))["Rows of the sheet"] == (0, 0)
    assert frames.statuses(rows) == []
    assert frames.reasons(rows) == []
    assert frames.zone_sizes(frames.ringing(calls)) == {}
    assert frames.people(rows, {})["row"] == []


def test_the_funnel_tells_how_far_rows_came() -> None:
    """Each step counts the rows that reached it; a voicemail is an end, and no person."""
    reports = [
        row(2, Status.REJECTED, "phone_invalid"),
        row(3, Status.SKIPPED, "suppressed"),
        row(4, Status.PENDING, "waiting"),
        row(5, Status.CREATED),
        row(6, Status.CREATED, end=end_of("completed", "VOICEMAIL_DETECTED")),
        row(7, Status.CREATED, end=end_of("completed", "ENDED_NORMALLY")),
        row(8, Status.CREATED, end=end_of("ringing")),
    ]
    found = frames.funnel(frames.frame_of_rows(reports, ()), now_ms=NOON_MS)

    assert [bar.count for bar in found] == [7, 5, 4, 4, 2, 1]
    before = frames.funnel(frames.frame_of_rows(reports, ()), now_ms=NOON_MS - 1)
    assert before[3].count == 0


def test_whoever_needs_a_person_is_listed() -> None:
    """Failed, unknown and rejected rows, and those that wait for somebody; not those that wait for their turn."""
    reports = [
        row(2, Status.REJECTED, "phone_invalid"),
        row(3, Status.PENDING, "waiting"),
        row(4, Status.PENDING, "no_slot"),
        row(5, Status.FAILED, "api_400"),
        row(6, Status.UNKNOWN, "no_reply"),
        row(7, Status.CREATED),
        row(8, Status.SKIPPED, "suppressed"),
    ]
    found = frames.people(frames.frame_of_rows(reports, (0, 1, 9)), {})

    assert found["row"] == [2, 4, 5, 6]
    assert found["name"] == ["A B"] * 4
    assert [found["reason"]["texts"][code] for code in found["reason"]["codes"]] == [
        "phone_invalid", "no_slot", "api_400", "no_reply",
    ]  # fmt: skip
    assert [bool(remedy) for remedy in found["remedy"]] == [True, True, False, True]  # the API's refusal says it itself


def test_reasons_come_most_frequent_first() -> None:
    """The reason of most rows stands first, with its meaning."""
    rows = [row(2, Status.REJECTED, "phone_invalid"), *(row(3 + at, Status.FAILED, "api_400") for at in range(2))]
    found = frames.reasons(frames.frame_of_rows(rows, ()))

    assert [(bar.label, bar.count, bar.kind) for bar in found] == [
        ("api_400", 2, "failed"),
        ("phone_invalid", 1, "rejected"),
    ]
    assert all(bar.note for bar in found)


def test_answers_are_a_share_of_the_calls_that_ended() -> None:
    """A call that still rings, or that nobody asked about, counts neither way."""
    calls = frames.frame_of_calls(
        [
            call(status="completed", status_code="ENDED_NORMALLY", duration_seconds=30.0),
            call(status="completed", status_code="DO_NOT_CALL", duration_seconds=5.0),
            call(status="completed", status_code="IVR_DETECTED", duration_seconds=301.0),
            call(status="noAnswer", status_code=""),
            call(status="ringing", status_code=""),
            call(),
            call(NOON_MS + HOUR_MS, status="busy", status_code=""),
        ]
    )
    assert bars(frames.answered(calls, "hour", {11: "11", 12: "12", 13: "13"})) == {
        "11": (0, 0), "12": (2, 4), "13": (0, 1),
    }  # fmt: skip
    lengths, words = frames.durations(calls)
    assert [bar.count for bar in lengths] == [1, 1, 0, 0, 0, 1]
    assert words == "median 30 s, 6 minutes in all"
    assert bars(frames.dispositions(calls))["completed DO_NOT_CALL"] == (1, 6)


def test_what_cannot_ring_has_no_slot() -> None:
    """A call that was refused or never sent is in no hour; one in doubt, open or waiting is."""
    calls = frames.frame_of_calls([call(outcome=kind) for kind in ("created", "refused", "not_sent", "unknown", None)])

    assert len(frames.ringing(calls)) == 3


def test_a_call_that_is_tried_again_counts_once() -> None:
    """Put off and then created it is one call that is done; put off and waiting or in flight again, one that is not."""
    tries = [("not_sent", 1), ("created", 1), ("not_sent", 2), (None, 2), ("not_sent", 3), ("unknown", 4), (None, 5)]
    calls = frames.frame_of_calls([call(outcome=kind, contact=contact) for kind, contact in tries])

    assert frames.progress(calls, since_ms=NOON_MS) == (3, 3, 2)
    assert frames.progress(calls, since_ms=NOON_MS + 1) == (3, 0, 2)
    assert frames.progress(frames.frame_of_calls([]), since_ms=NOON_MS) == (0, 0, 0)


def test_whoever_asked_for_no_more_calls_and_still_has_one_needs_a_person() -> None:
    """The call is named that has to be cancelled at the API; a row that has none of its own is not listed for it."""
    open_call = OpenCall("spring", "id-1", NOON_MS + HOUR_MS)
    reports = [
        row(2, Status.CREATED),
        row(3, Status.SKIPPED, "suppressed"),
        row(4, Status.SKIPPED, "already_created"),
        row(5, Status.SKIPPED, "duplicate_of_row"),
    ]
    found = frames.people(frames.frame_of_rows(reports, ()), {reports[0].phone or "": open_call})

    assert found["row"] == [2, 3, 4]
    assert found["call_id"] == ["id-1"] * 3
    assert found["reason"]["texts"] == ["still_rings"]
    assert found["message"]["texts"] == [
        "Must not be called any more, and this call rings at 2026-11-23T18:00:00.000Z: cancel it at the API."
    ]
    assert found["remedy"] == [""]
    assert frames.people(frames.frame_of_rows(reports, ()), {})["row"] == []
