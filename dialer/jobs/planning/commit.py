"""Decides which slots a run commits, its own plan's or a plan file's, and refuses what cannot be carried out."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from typing_extensions import TypedDict

from dialer.calls.attempt import MIN_LEAD_MS
from dialer.campaign.file import Campaign
from dialer.clock import iso_ms
from dialer.errors import PlanRefused, UsageError
from dialer.jobs.planning.layout import MESSAGES, Layout, PlanFacts, calls_left, pool_numbers, read_inputs
from dialer.jobs.planning.make_plan import kept_facts, plan_of, store_plan
from dialer.jobs.planning.misfits import refusal_text
from dialer.jobs.planning.plan_file import PlanFile, read_plan
from dialer.jobs.planning.timetable import Timetable, cap_book, numbered
from dialer.ledger.choices.own_choices import set_pool_numbers
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_rows.kept_plan import NO_SLOTS, StoredPlan, stored_plan, stored_slots
from dialer.ledger.runs import Run
from dialer.ledger.slots import ROW, calls_of_numbers, clear_slots, hold_rows, planned_rows, set_slots, waiting_rows
from dialer.ledger.snapshot import ledger_fingerprint
from dialer.reasons import Reason
from dialer.schedule.by_row import row_set
from dialer.schedule.caps import CapBook
from dialer.schedule.compliance import Compliance
from dialer.schedule.instants import Instants
from dialer.schedule.rules import data_versions, rules_digest, rules_fingerprint

PASSED = "Its slot in the plan file has passed; make the plan anew."
NOT_IN_PLAN = "The plan file gives it no slot; its own line there says why."


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What the caller asks of a run: at most *limit* calls, the slots of *plan* and no others, *partial* if need be."""

    limit: int | None = None
    partial: bool = False
    plan: PlanFile | None = None

    @property
    def are_plain(self) -> bool:
        """Whether the run plans every row itself."""
        return self.limit is None and self.plan is None

    @classmethod
    def of(cls, campaign: Campaign, *, limit: int | None, partial: bool, plan: Path | None) -> "RunTerms":
        """Read the file *plan*, if there is one.

        Raises `PlanRefused` when it cannot be used, or when *campaign* or the rules have changed since it was made.
        """
        if plan is None:
            return cls(limit, partial)
        if limit is not None:
            raise UsageError("A plan file holds what it holds: give --limit to `dialer plan` instead.")
        made = read_plan(plan)
        made.refuse_changed(campaign=campaign.fingerprint, rules=rules_fingerprint())
        return cls(None, partial, made)

    def refuse_stale(self, sheet_sha256: str, ledger: Ledger | None) -> None:
        """Raise `PlanRefused` for a plan file when the sheet or the *ledger* (None: none yet) has changed since."""
        if self.plan is not None:
            self.plan.refuse_changed(sheet=sheet_sha256, ledger=fingerprint_of(ledger))


def fingerprint_of(ledger: Ledger | None) -> str:
    """Return the fingerprint of a ledger, or of none."""
    if ledger is None:
        return ledger_fingerprint(None)
    with ledger.read() as tx:
        return ledger_fingerprint(tx)


def facts_of(campaign: Campaign) -> dict[str, object]:
    """Return what a run notes about how people were known and when they might be called."""
    return {
        "key": list(campaign.contacts.key),
        "rules": campaign.schedule.rules,
        "rules_sha256": rules_digest(),
        **data_versions(),
    }


class _LeftOut(TypedDict):
    beyond_budget: int
    beyond_pilot: int
    without_number: int


class RunPlanner:
    """Plans a run, and plans it anew when slots have come too close.

    *planned* counts the slots that were committed first, *passed* those that a plan file lost.
    """

    def __init__(self, ledger: Ledger, run: Run, campaign: Campaign, terms: RunTerms) -> None:
        self._ledger = ledger
        self._run = run
        self._campaign = campaign
        self._terms = terms
        self._made: StoredPlan | None = None
        self.planned = self.passed = 0

    def commit(self, now_ms: int) -> PlanFacts:
        """Store the run's slots.

        Raises `PlanRefused`, unless the plan may be partial, when rows do not fit before the campaign's end, or when
        slots of the plan file have passed.
        """
        if self._terms.plan is None:
            facts = self._plan(now_ms)
        else:
            with self._ledger.alone():  # as in `_lay_out`
                facts = self._follow(self._terms.plan, now_ms)
        self.planned = facts.planned
        return facts

    def _plan(self, now_ms: int) -> PlanFacts:
        with self._ledger.read() as tx:
            self._made = before = stored_plan(tx, self._run.id)
            slots = NO_SLOTS if before is None else stored_slots(tx, self._run.id)
        if before is not None and (kept := kept_facts(before, slots, now_ms=now_ms)) is not None:
            return kept
        layout, made = self._lay_out(now_ms, limit=self._terms.limit, horizon_end_ms=None)
        if layout.facts.no_slot and self._campaign.schedule.end is not None and not self._terms.partial:
            raise PlanRefused(refusal_text(layout))
        beyond = layout.facts.beyond_horizon + slots.beyond_horizon
        return replace(layout.facts, beyond_horizon=beyond, resumes=made.resumes)

    def plan_again(self, now_ms: int) -> PlanFacts:
        """Plan anew what was not sent in time; a plan file's slots that have passed are given up instead."""
        if self._terms.plan is not None:
            self.passed += self._give_up_passed(now_ms)
            with self._ledger.read() as tx:
                return _facts([slot_ms for _, slot_ms in planned_rows(tx, self._run.id)])
        ends_ms = None if self._made is None else self._made.horizon_end_ms  # planning anew never stretches it
        return self._lay_out(now_ms, limit=None, horizon_end_ms=ends_ms)[0].facts

    def _lay_out(self, now_ms: int, *, limit: int | None, horizon_end_ms: int | None) -> tuple[Layout, StoredPlan]:
        """Plan while no other campaign of the ledger does: each sees the other's slots, by which caps are judged."""
        with self._ledger.alone():
            inputs = read_inputs(self._ledger, self._run, self._campaign, now_ms=now_ms, limit=limit)
            layout = plan_of(inputs, horizon_end_ms=horizon_end_ms)
            self._made = store_plan(self._ledger, self._run, layout, self._made)
        return layout, self._made

    def _follow(self, plan: PlanFile, now_ms: int) -> PlanFacts:
        with self._ledger.alone():  # as it plans: other campaigns may have planned calls of the same numbers since
            slots, left_out = self._take_slots(plan, now_ms)
        passed = self._give_up_passed(now_ms)
        if passed and not self._terms.partial:
            raise PlanRefused(
                f"{plan.path}: {passed} of its {len(slots)} slots have passed, the first at {iso_ms(slots[0][1])}. Make"
                " the plan anew, or give --partial: then those rows stay pending and the others are sent."
            )
        return replace(_facts([slot_ms for _, slot_ms in slots[passed:]]), **left_out)

    def _take_slots(self, plan: PlanFile, now_ms: int) -> tuple[list[tuple[int, int]], _LeftOut]:
        """Store the slots of *plan* that caps, budget and numbers leave; return them, and how many others do not."""
        compliance = Compliance(self._campaign.schedule, self._campaign.limits)
        with self._ledger.read() as tx:
            waiting = waiting_rows(tx, self._run.id)
            left, held_for = calls_left(tx, self._run.campaign_id, self._campaign, now_ms=now_ms)
            since_ms = now_ms - compliance.longest_cap_ms
            numbers = calls_of_numbers(tx, self._run.id, since_ms=since_ms, now_ms=now_ms)
        offered, slot_of = set(chain.from_iterable(waiting.values())), dict(plan.slots)
        in_plan = {where: [row for row in rows if row in slot_of] for where, rows in waiting.items()}
        book = cap_book(in_plan, numbers, compliance)
        in_time = [(row, slot_ms) for row, slot_ms in plan.slots if row in offered and _take(book, row, slot_ms)]
        capped = offered & slot_of.keys() - {row for row, _ in in_time}
        table = self._numbered(in_time, now_ms)
        every = list(zip(table.rows, table.slots_ms, strict=True))
        slots, unpaid = every[:left], every[len(every[:left]) :]
        held = {
            held_for: [row for row, _ in unpaid],
            Reason.CAP_REACHED: sorted(capped),
            Reason.FROM_NUMBERS_USED: list(table.without_number),
        }
        with self._ledger.write() as tx:
            clear_slots(tx, self._run.id)
            set_slots(tx, self._run.id, slots)
            set_pool_numbers(tx, self._run.id, pool_numbers(table, slots))
            for reason, rows in held.items():
                hold_rows(tx, self._run.id, rows, reason, MESSAGES[reason])
            hold_rows(tx, self._run.id, sorted(offered - slot_of.keys()), Reason.NOT_IN_PLAN, NOT_IN_PLAN)
        is_pilot = held_for == Reason.PILOT_WAITS
        return slots, {
            "beyond_budget": 0 if is_pilot else len(unpaid),
            "beyond_pilot": len(unpaid) if is_pilot else 0,
            "without_number": len(table.without_number),
        }

    def _numbered(self, slots: Sequence[tuple[int, int]], now_ms: int) -> Timetable:
        """Return the *slots* of a plan file, (row, slot in ms), with the numbers that their calls come from."""
        rows, slots_ms = array(ROW, (row for row, _ in slots)), Instants(slot_ms for _, slot_ms in slots)
        table = Timetable(rows, slots_ms, row_set(()), horizon_end_ms=0)
        if not self._campaign.from_numbers:
            return table
        return numbered(read_inputs(self._ledger, self._run, self._campaign, now_ms=now_ms, limit=None), table)

    def _give_up_passed(self, now_ms: int) -> int:
        with self._ledger.write() as tx:
            passed = [row for row, slot_ms in planned_rows(tx, self._run.id) if slot_ms < now_ms + MIN_LEAD_MS]
            hold_rows(tx, self._run.id, passed, Reason.SLOT_PASSED, PASSED)
            clear_slots(tx, self._run.id, before_ms=now_ms + MIN_LEAD_MS)
        return len(passed)


def _take(book: CapBook, row: int, slot_ms: int) -> bool:
    """Return whether no cap forbids *row* its slot; then *book* knows of it."""
    free_ms = book.free_ms(row) if row in book else 0
    if free_ms is None or slot_ms < free_ms:
        return False
    if row in book:
        book.note(row, slot_ms)
    return True


def _facts(slots_ms: list[int]) -> PlanFacts:
    first, last = (slots_ms[0], slots_ms[-1]) if slots_ms else (None, None)
    return PlanFacts(len(slots_ms), 0, 0, 0, first, last)
