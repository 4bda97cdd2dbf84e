"""What does not fit before a campaign's end, where, and what would make it fit, in words."""

from array import array

from dialer.clock import from_ms
from dialer.jobs.planning.layout import Layout, missed_rows
from dialer.jobs.planning.timetable import Inputs, make_timetable
from dialer.ledger.slots import ROW
from dialer.schedule.compliance import SEARCH
from dialer.schedule.feasibility import Misfit, Remedy, misfits_by_zones, remedy


def misfits_of(layout: Layout) -> list[Misfit]:
    """Count the rows that find no slot before the end, by their zones."""
    if not layout.facts.no_slot:
        return []
    by_zones: dict[tuple[str, ...], array[int]] = {}
    for where, rows in layout.inputs.waiting.items():
        by_zones.setdefault(where.zones, array(ROW)).extend(rows)
    return misfits_by_zones(by_zones, missed_rows(layout))


def remedy_of(inputs: Inputs) -> Remedy:
    """Find the pace, or the end, with which everybody would have a slot; planned with, not estimated."""

    def misfits(pace: float, end_ms: int) -> int:
        table = make_timetable(inputs, pace=pace, end_ms=end_ms)
        return inputs.rows_waiting - table.settled

    return remedy(
        misfits,
        pace=inputs.calls_per_minute,
        fastest=inputs.fastest_per_minute,
        end_ms=inputs.end_ms,
        last_end_ms=inputs.last_end_ms,
    )


def refusal_text(layout: Layout) -> str:
    """Say why a run is refused whose rows do not all fit before the campaign's end, and what can be done."""
    if layout.inputs.end_ms <= layout.inputs.now_ms:
        return f"{misfit_text(layout)} Nothing was sent."  # --partial would call nobody
    return f"{misfit_text(layout)} Nothing was sent. Change the campaign, or give --partial to call those who fit."


def misfit_text(layout: Layout) -> str:
    """Say what does not fit, where, and what would make it fit."""
    inputs, facts = layout.inputs, layout.facts
    end = f"{from_ms(inputs.end_ms):%A %Y-%m-%d %H:%M} UTC"
    where = "; ".join(
        f"{item.missing:,} of {item.total:,} in {', '.join(item.zones)}" for item in misfits_of(layout)[:5]
    )
    if inputs.campaign.schedule.end is None:
        return (
            f"{facts.no_slot:,} of {inputs.rows_waiting:,} find no permitted time in the next {SEARCH.days} days"
            f" ({where}): `dialer plan --why ROW` shows the hours of each."
        )
    if inputs.end_ms <= inputs.now_ms:
        return f"The campaign's end, {end}, has passed: change end under [schedule]."
    found = remedy_of(inputs)
    ways = []
    if found.calls_per_minute is not None:
        ways.append(f"{found.calls_per_minute:g} calls a minute would")
    if found.end_ms is not None:
        ways.append(f"an end at {from_ms(found.end_ms):%A %Y-%m-%d %H:%M} UTC would")
    would = " or ".join(ways) or "neither a faster pace nor a later end would"
    return f"{facts.no_slot:,} of {inputs.rows_waiting:,} do not fit before {end} ({where}); {would}."
