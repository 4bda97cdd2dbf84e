"""The whole plan of a campaign before anything is sent: its slots, what is left out, what does not fit, and why."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dialer.campaign.file import Campaign
from dialer.clock import from_ms, iso_ms
from dialer.contacts.loader import Loaded, load_contacts
from dialer.errors import UsageError
from dialer.jobs.intake.rows import RunStart, take_in
from dialer.jobs.intake.suppression_watch import SuppressionWatch
from dialer.jobs.locations import ledger_location, refuse_own_input
from dialer.jobs.planning.commit import facts_of, fingerprint_of
from dialer.jobs.planning.dry_copy import copy_for_plan
from dialer.jobs.planning.explanation import Explanation, explain_row, local_times
from dialer.jobs.planning.layout import Layout, lay_out, read_inputs, reopen_due_contacts, store_reasons
from dialer.jobs.planning.misfits import misfit_text, misfits_of
from dialer.jobs.planning.places import Places, committed_by_row, slots_by_row
from dialer.jobs.planning.plan_file import PlanLine, write_plan
from dialer.jobs.planning.summary import Edge, PlanSummary
from dialer.jobs.planning.timetable import Inputs, make_timetable
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known, refuse_other_key
from dialer.ledger.choices.own_choices import NOTHING_OWN, Choice
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_calls import hold_called_elsewhere
from dialer.ledger.row_reports import RowReport, reason_counts, reports
from dialer.ledger.runs import Run, find_run
from dialer.ledger.transitions.excluded import hold_called_by
from dialer.reasons import Reason, Status
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.public_holidays import knows_holidays
from dialer.schedule.rules import consent_notes, regions_without_rule, rules_fingerprint
from dialer.words import counted

DEFAULT = "as the API or the environment says"
"""Stands for the template or the number of calls for which the campaign file names none."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the caller asks of a plan: the first *limit* rows only, a plan file *output*, one row to explain."""

    limit: int | None = None
    ledger: str | Path | None = None
    output: Path | None = None
    why: int | None = None


def plan_campaign(
    campaign: Campaign,
    *,
    options: PlanOptions | None = None,
    runtime: Runtime | None = None,
) -> PlanSummary:
    """Plan *campaign* to its end on a copy of what its ledger knows; nothing is sent, nothing stored.

    Writes the plan file that the options ask for. Raises `SheetError`, `CampaignError`, `LedgerUnusable` and
    `UsageError` as a run does.
    """
    options, runtime = options or PlanOptions(), runtime or Runtime()
    location = ledger_location(campaign, runtime.settings, options.ledger)
    now_ms = runtime.clock.now_ms()
    refuse_own_input(campaign, options.output, location)
    loaded = load_contacts(campaign, now_ms=now_ms)
    with TemporaryDirectory(prefix="dialer-") as folder, Ledger.open(Path(folder) / "copy.db", is_kept=False) as copy:
        known = open_known(campaign, location, rehearsal=runtime.rehearsal)
        fingerprint = "" if options.output is None else fingerprint_of(known)
        if known is not None:
            with known:
                copy_for_plan(known, copy, campaign, now_ms=now_ms)
        refuse_other_key(copy, campaign)
        SuppressionWatch(campaign, is_rehearsal=runtime.rehearsal).begin(
            copy, campaign.name, at_ms=now_ms, are_rows_judged=True
        )
        again = reopen_due_contacts(copy, campaign, now_ms=now_ms)
        run = take_in(copy, loaded, RunStart("plan", campaign.name, now_ms, facts_of(campaign)))
        with copy.write() as tx:
            hold_called_elsewhere(tx, run.id)
            hold_called_by(tx, run.id, campaign.contacts.exclude_campaigns)
        inputs = read_inputs(copy, run, campaign, now_ms=now_ms, limit=options.limit)
        layout = lay_out(inputs, make_timetable(inputs))
        with copy.write() as tx:
            store_reasons(tx, run, layout)
        plan = _Plan(campaign, layout, copy, run, again, loaded.sheet.notes)
        if options.output is not None:
            _write(plan, options.output, loaded, fingerprint)
        return plan.summary(options)


@dataclass(frozen=True)
class _Plan:
    campaign: Campaign
    layout: Layout
    ledger: Ledger
    run: Run
    again: int
    sheet_notes: tuple[str, ...]

    def rows(self) -> Iterator[RowReport]:
        """Stream every row of the sheet, in its order, with what the plan makes of it."""
        with self.ledger.read() as tx:
            facts = find_run(tx, self.run.id)
        return reports(self.ledger, facts)

    @property
    def _inputs(self) -> Inputs:
        return self.layout.inputs

    def summary(self, options: PlanOptions) -> PlanSummary:
        """Count everything."""
        table, facts, places = self.layout.table, self.layout.facts, Places(self._inputs.waiting)
        by_hour: Counter[int] = Counter()
        by_day: Counter[str] = Counter()
        by_zones: Counter[tuple[str, ...]] = Counter()
        for zones, instant_ms, calls in places.calls_by_quarter(table):
            clock = from_ms(instant_ms).astimezone(load_zone(zones[0]))
            by_hour[clock.hour] += calls
            by_day[f"{clock:%Y-%m-%d}"] += calls
            by_zones[zones] += calls
        ends = sorted({0, len(table) - 1}) if table else ()
        edges = [Edge(table.slots_ms[at], local_times(places[table.rows[at]].zones, table.slots_ms[at])) for at in ends]
        return PlanSummary(
            campaign=self.campaign.name,
            planned=facts.planned,
            later=len(table) - facts.planned - facts.beyond_budget - facts.beyond_pilot,
            reasons=self._reasons(),
            by_zones=dict(by_zones.most_common()),
            by_hour=by_hour,
            by_day=by_day,
            first=edges[0] if edges else None,
            last=edges[-1] if edges else None,
            misfits=tuple(misfits_of(self.layout)),
            misfit_text=misfit_text(self.layout) if facts.no_slot else "",
            notes=(*self.sheet_notes, *self._notes()),
            explanation=None if options.why is None else self._why(options.why),
            output=options.output,
            by_template=self._counted(lambda own, _: own.call_template_id, self.campaign.call.call_template_id),
            by_from_number=self._counted(lambda own, chosen: own.from_number or chosen, self._shared_number),
        )

    @property
    def _shared_number(self) -> str | None:
        return self.campaign.call.from_phone_number or self.campaign.call.phone_number_id

    def _counted(self, what: Callable[[Choice, str | None], str | None], shared: str | None) -> dict[str, int]:
        """Count the planned calls by *what* each has, most first, for None the *shared*; nothing where none differs."""
        table, own = self.layout.table, self._inputs.callers.own
        if not own and not table.numbers:
            return {}
        found = Counter(what(own.get(row, NOTHING_OWN), table.numbers.get(row)) for row in table.rows)
        differs = any(value is not None for value in found)
        return {value or shared or DEFAULT: count for value, count in found.most_common()} if differs else {}

    def _reasons(self) -> Counter[str]:
        """Count the rows that are not called, by their reasons; nothing has been tried that could give another."""
        with self.ledger.read() as tx:
            counts = reason_counts(tx, self.run.id)
        del counts[Reason.WAITING]
        return counts

    def _why(self, number: int) -> Explanation:
        row = None
        numbers = []
        for each in self.rows():
            numbers.append(each.row)
            row = each if each.row == number else row
        if row is None:
            raise UsageError(f"There is no row {number} in the sheet; it has rows {numbers[0]} to {numbers[-1]}.")
        held = f"{row.status}, {row.reason}: {row.message}"
        return explain_row(self._inputs, self.layout.table, number, held=held)

    def _redials(self) -> Iterator[str]:
        """Say how many people are called again, and how, and who is called first."""
        if self.again:
            people = counted(self.again, "person", "people")
            yield f"To be called again, by [redial] or again_after: {people}, if the sheet still holds them."
        if self.campaign.redial.is_used:
            yield f"[redial] calls again {self.campaign.redial.described}."
        if (first := self.campaign.contacts.priority) is not None:
            how = f"in the order {', '.join(first.order)}" if first.order else "the largest number first"
            yield f'Called by priority: "{first.column}", {how}; who has none is called last.'

    def _notes(self) -> Iterator[str]:
        """Say aloud what is not obvious: consent that the law asks for, rules that are missing, expired or off."""
        schedule = self.campaign.schedule
        yield from self._redials()
        left, held_for = self._inputs.calls_left
        if left is not None and held_for == Reason.PILOT_WAITS:
            yield f"[pilot] allows {counted(left, 'more call', 'more calls')} until all its calls have ended."
        elif left is not None:
            beyond = self.layout.facts.beyond_budget
            rest = f"; {counted(beyond, 'call')} that would fit are left out" if beyond else ""
            yield f"[budget] ({self.campaign.budget.limits}) allows {counted(left, 'more call', 'more calls')}{rest}."
        regions = {where.regions for where in self._inputs.waiting}
        countries = sorted({region for each in regions for region in each if "-" not in region})
        if schedule.holidays:
            unknown = [country for country in countries if not knows_holidays(country)]
            yield from (f"{country}: its holidays are not known." for country in unknown)
        if self.campaign.contacts.consent == "off":
            yield from consent_notes(countries)
        if schedule.rules == "off":
            yield "The rules of countries and states are off: only the campaign's own hours and limits hold."
            return
        for region in sorted({region for each in regions for region in regions_without_rule(each)}):
            yield (
                f"{region}: no rule is known, so the strictest hours hold (Mon-Fri 10:00-13:00, 14:00-17:00, less the"
                " country's days of rest)."
            )
        compliance = Compliance(schedule, self.campaign.limits)
        last_ms = self.layout.table.slots_ms[-1] if self.layout.table else self._inputs.now_ms
        expired = {
            rule.region: rule
            for each in regions
            for rule in compliance.rules(each)
            if rule.is_expired(from_ms(last_ms).date())
        }
        for region, rule in sorted(expired.items()):
            yield f"{region}: its rule expires on {rule.expires}; after that day the strictest hours hold besides."


def _write(plan: _Plan, path: Path, loaded: Loaded, ledger_fingerprint: str) -> None:
    fingerprints = {
        "sheet": loaded.sheet.sha256,
        "campaign": plan.campaign.fingerprint,
        "rules": rules_fingerprint(),
        "ledger": ledger_fingerprint,
    }
    facts = {"name": plan.campaign.name, "made_at": iso_ms(plan.layout.inputs.now_ms)}
    write_plan(path, _lines(plan), committed_by_row(plan.layout), fingerprints, facts)


def _lines(plan: _Plan) -> Iterator[PlanLine]:
    places, slots = Places(plan.layout.inputs.waiting), slots_by_row(plan.layout.table)
    for row in plan.rows():
        slot_ms = slots.get(row.row) if row.status == Status.PENDING else None
        zones, regions, _ = places[row.row]
        local = "" if slot_ms is None else local_times(zones, slot_ms)
        yield PlanLine(row.row, str(row.status), str(row.reason), row.message, slot_ms, local, zones, regions)
