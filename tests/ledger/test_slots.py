"""The plan as the ledger keeps it: who waits, when each is due, and reading it in slot order."""

from sqlalchemy import Engine

from dialer.calls.attempt import MOVED_MS, PlannedCall, Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.ledger.database.engine import read, write
from dialer.ledger.runs import Run, end_run
from dialer.ledger.slots import (
    CLOCKS_APART_MS,
    PAGE_ROWS,
    calls_of_numbers,
    clear_slots,
    committed_slots,
    hold_rows,
    next_page,
    page_to_judge,
    planned_rows,
    refuse_slot,
    set_slots,
    waiting_rows,
)
from dialer.ledger.transitions.claims import claim_all, recover, settle_all
from dialer.reasons import Reason
from dialer.schedule.places.whereabouts import Whereabouts
from tests.ledger.books import (
    NOON_MS,
    attempt,
    begin,
    claims,
    contact_rows,
    held,
    people,
    person,
    planned,
    ready,
    take_in,
    verdicts,
)
from tests.support import number


def _waiting(engine: Engine, run_id: str) -> dict[tuple[str, ...], list[int]]:
    with read(engine) as tx:
        return {where.zones: list(rows) for where, rows in waiting_rows(tx, run_id).items()}


def test_waiting_rows_come_by_zones_in_sheet_order(engine: Engine) -> None:
    """Rows are grouped by all the zones of their contact, each group in the sheet's order; held rows are not there."""
    east, split = ("America/New_York",), ("America/Chicago", "America/New_York")
    rows = [person(row, zones=split if row % 3 == 0 else east) for row in range(2, 12)]
    take_in(engine, "r1", [*reversed(rows), held(12)])
    assert _waiting(engine, "r1") == {east: [2, 4, 5, 7, 8, 10, 11], split: [3, 6, 9]}
    assert _waiting(engine, "r2") == {}


def test_who_was_in_a_refused_batch_is_read_as_one_to_send_alone(engine: Engine) -> None:
    """Whatever became of later tries, and in whatever run: the batch that was refused is not put together again."""
    first, other = ready(engine, 2)
    refused = Outcome(Kind.NOT_SENT, Reason.BATCH_REFUSED, "Not sent.")
    with write(engine) as tx:
        claim_all(tx, [first])
        settle_all(tx, [Settlement(first, refused, NOON_MS, again=True)])
    attempt(engine, other, Kind.NOT_SENT, again=True)
    again, _ = claims("r1", planned(engine, "r1", [2, 3], first_ms=NOON_MS + 60_000))
    attempt(engine, again, Kind.NOT_SENT, again=True)
    calls = planned(engine, "r1", [2, 3], first_ms=NOON_MS + 120_000)
    assert [(call.contact_id, call.alone) for call in calls] == [(first.contact_id, True), (other.contact_id, False)]


def test_only_what_may_be_claimed_by_this_run_waits(engine: Engine) -> None:
    """Created, unknown, claimed and finally failed rows wait no more; one surely not sent waits again."""
    wanted = ready(engine, 6)
    for claim, kind, again in zip(wanted, [*Kind, None, Kind.NOT_SENT], [False] * 5 + [True], strict=True):
        attempt(engine, claim, kind, again=again)
    assert _waiting(engine, "r1") == {("America/New_York",): [7]}
    take_in(engine, "r2", people(6))
    assert _waiting(engine, "r1") == {}
    assert list(_waiting(engine, "r2").values()) == [[3, 4, 7]]


def test_held_rows_wait_no_more_and_say_why(engine: Engine) -> None:
    """A row beyond the horizon or the limit is told so, in its own run only."""
    take_in(engine, "r0", people(4))
    take_in(engine, "r1", people(4))
    with write(engine) as tx:
        hold_rows(tx, "r1", [3, 5], Reason.BEYOND_HORIZON, "Later.")
        hold_rows(tx, "r1", [], Reason.BEYOND_LIMIT, "Never.")
    assert _waiting(engine, "r1") == {("America/New_York",): [2, 4]}
    assert [reason for _, _, reason in verdicts(engine, "r1")] == ["waiting", "beyond_horizon"] * 2
    assert {reason for _, _, reason in verdicts(engine, "r0")} == {"waiting"}


def test_pages_follow_the_slots(engine: Engine) -> None:
    """More calls than a page holds come each once, in slot order, with number, body and attempts."""
    count = PAGE_ROWS + 7
    take_in(engine, "r1", [person(row, payload=f'{{"row":{row}}}') for row in range(2, count + 2)])
    planned = [(row, NOON_MS + (row * 7919) % count * 10) for row in range(2, count + 2)]
    with write(engine) as tx:
        set_slots(tx, "r1", planned)
    seen, after_ms = [], -1
    while True:
        with read(engine) as tx:
            page = next_page(tx, "r1", after_ms=after_ms)
        if not page:
            break
        assert len(page) <= PAGE_ROWS
        seen += page
        after_ms = page[-1].slot_ms
    in_order = sorted(planned, key=lambda item: item[1])
    assert [call.slot_ms for call in seen] == [slot for _, slot in in_order]
    assert [call.payload for call in seen] == [f'{{"row":{row}}}' for row, _ in in_order]
    assert {call.attempts for call in seen} == {0}


def test_clearing_takes_back_only_what_was_not_claimed(engine: Engine) -> None:
    """Planning anew starts from nothing, and leaves what is in flight or done as it was."""
    wanted = ready(engine, 3)
    attempt(engine, wanted[0], Kind.CREATED)
    attempt(engine, wanted[1], None)
    with write(engine) as tx:
        clear_slots(tx, "r1")
        assert next_page(tx, "r1", after_ms=-1) == []
    assert [row.slot_ms for row in contact_rows(engine)] == [wanted[0].slot_ms, wanted[1].slot_ms, None]


def test_slots_go_to_the_runs_own_contacts(engine: Engine) -> None:
    """The same row number in another run of another campaign means another contact."""
    take_in(engine, "r1", people(2))
    take_in(engine, "s1", people(2), campaign="summer")
    with write(engine) as tx:
        set_slots(tx, "s1", [(2, NOON_MS)])
    assert [row.slot_ms for row in contact_rows(engine)] == [None, None, NOON_MS, None]


def test_committed_slots_are_those_that_may_ring(engine: Engine) -> None:
    """Created, unknown and open claims hold their instant; what surely was not created gives it back."""
    wanted = ready(engine, 6)
    for claim, kind in zip(wanted, [*Kind, None], strict=False):
        attempt(engine, claim, kind)
    run = begin(engine, "r2")
    other = begin(engine, "s1", campaign="summer")
    slots = {kind: claim.slot_ms for kind, claim in zip([*Kind, None], wanted, strict=False)}
    rings = [slots[Kind.CREATED], slots[Kind.UNKNOWN], slots[None]]
    with write(engine) as tx:
        assert committed_slots(tx, run.campaign_id, from_ms=0) == rings
        assert committed_slots(tx, run.campaign_id, from_ms=rings[1]) == rings[1:]
        assert committed_slots(tx, run.campaign_id, from_ms=rings[1] + 1) == rings[2:]
        assert committed_slots(tx, other.campaign_id, from_ms=0) == []
        recover(tx, "spring", now_ms=NOON_MS)
        assert committed_slots(tx, run.campaign_id, from_ms=0) == rings


def test_calls_of_a_number_count_over_all_campaigns(engine: Engine) -> None:
    """Created, unknown and open calls count, and those that a run going on has planned; refused ones do not."""
    take_in(engine, "s1", people(6), campaign="summer")
    made = claims("s1", planned(engine, "s1", range(2, 8)))
    for claim, kind in zip(made, [Kind.CREATED, Kind.UNKNOWN, None, Kind.REFUSED, Kind.NOT_SENT], strict=False):
        attempt(engine, claim, kind)
    run = take_in(engine, "r1", people(7))
    with read(engine) as tx:
        found = calls_of_numbers(tx, "r1", since_ms=NOON_MS, now_ms=NOON_MS)
        since_last = calls_of_numbers(tx, "r1", since_ms=made[1].slot_ms, now_ms=made[5].slot_ms + CLOCKS_APART_MS + 1)
        on_a_fast_clock = calls_of_numbers(tx, "r1", since_ms=NOON_MS, now_ms=made[5].slot_ms + CLOCKS_APART_MS)
    with write(engine) as tx:
        other = Run("s1", run.campaign_id, 1, sheet_is_stored=True, started_at_ms=NOON_MS)
        end_run(tx, other, ended_at_ms=NOON_MS, exit_code=0, stop=None)
    with read(engine) as tx:
        after_its_end = calls_of_numbers(tx, "r1", since_ms=NOON_MS, now_ms=NOON_MS)

    assert found.phones == {row: number(row) for row in (2, 3, 4, 7)}
    counted = {made[index].phone: [made[index].slot_ms] for index in (0, 1, 2)}
    assert found.slots_ms == counted | {made[5].phone: [made[5].slot_ms + MOVED_MS]}  # as late as its claim may move it
    assert set(since_last.phones) == {3, 4}
    assert on_a_fast_clock == found
    assert set(after_its_end.phones) == {2, 3, 4}


def test_rows_that_share_a_number_are_told(engine: Engine) -> None:
    """Two rows of one number count towards each other although nobody has called it."""
    rows = [person(row, phone=number(0 if row < 4 else row), key=str(row)) for row in range(2, 6)]
    take_in(engine, "r1", rows)
    with read(engine) as tx:
        found = calls_of_numbers(tx, "r1", since_ms=0, now_ms=0)

    assert (dict(found.phones), found.slots_ms) == ({2: number(0), 3: number(0)}, {})


def test_a_refused_slot_is_taken_back_and_told(engine: Engine) -> None:
    """A slot that must not be sent leaves the plan; its row says why and its contact stays for a later run."""
    calls = planned_calls(engine, 2)
    with write(engine) as tx:
        refuse_slot(tx, "r1", calls[0].contact_id, "Outside.")
    with read(engine) as tx:
        left = [call.contact_id for call in next_page(tx, "r1", after_ms=-1)]
        rows = planned_rows(tx, "r1")

    assert left == [calls[1].contact_id]
    assert [row for row, _ in rows] == [3]
    assert verdicts(engine, "r1") == [(2, "pending", "slot_refused"), (3, "pending", "waiting")]


def test_a_page_to_judge_says_where_and_what_else(engine: Engine) -> None:
    """Each planned call comes with the places of its contact and the calls of its number, whoever made them."""
    take_in(engine, "s1", people(2), campaign="summer")
    made = claims("s1", planned(engine, "s1", [2, 3]))
    attempt(engine, made[0], Kind.CREATED)
    attempt(engine, made[1], Kind.REFUSED)
    calls = planned_calls(engine, 2)
    with read(engine) as tx:
        page = page_to_judge(tx, "r1", after_ms=-1, since_ms=0)

    assert page.calls == calls
    assert page.where == {call.contact_id: Whereabouts(("America/New_York",), ("US",)) for call in calls}
    assert page.made_ms == {made[0].phone: [made[0].slot_ms]}


def test_slots_that_have_passed_are_taken_back_alone(engine: Engine) -> None:
    """Only what lies before the instant loses its slot."""
    calls = planned_calls(engine, 3)
    with write(engine) as tx:
        clear_slots(tx, "r1", before_ms=calls[1].slot_ms)
    with read(engine) as tx:
        assert [row for row, _ in planned_rows(tx, "r1")] == [3, 4]


def planned_calls(engine: Engine, count: int) -> list[PlannedCall]:
    """Store a run of *count* planned contacts."""
    take_in(engine, "r1", people(count))
    return planned(engine, "r1", range(2, count + 2))
