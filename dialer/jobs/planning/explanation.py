"""Why a row stands where it stands in a plan, in sentences: its places, its rules, the days before its slot."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from typing_extensions import TypedDict

from dialer.clock import from_ms, iso_ms
from dialer.contacts.choosing.call_times import ANY_TIME
from dialer.jobs.planning.timetable import Inputs, Timetable
from dialer.ledger.choices.own_choices import NOTHING_OWN
from dialer.schedule.by_row import ByRow
from dialer.schedule.calendar import hours_by_day, hours_text
from dialer.schedule.caps import next_allowed_ms
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.regions import UNKNOWN, name_of
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.rules import STRICTEST, Rule

DAYS_SHOWN = 14


class WhyJson(TypedDict):
    """What is said of one row: sentences by topic, none of the topics that do not apply."""

    row: int
    stands: list[str]
    zones: list[str]
    asks: list[str]
    rules: list[str]
    caps: list[str]
    days: list[str]
    call: list[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of one row: sentences by topic, in order."""

    row: int
    topics: tuple[tuple[str, tuple[str, ...]], ...]

    def as_json(self) -> WhyJson:
        """Return the object that `--json` prints."""
        topics = {topic: list(said) for topic, said in self.topics}
        stands, zones, asks, rules, caps, days, call = (
            topics.get(topic, []) for topic in ("stands", "zones", "asks", "rules", "caps", "days", "call")
        )
        return {
            "row": self.row,
            "stands": stands,
            "zones": zones,
            "asks": asks,
            "rules": rules,
            "caps": caps,
            "days": days,
            "call": call,
        }


def explain_row(inputs: Inputs, table: Timetable, row: int, *, held: str) -> Explanation:
    """Explain *row*; *held* is what the run says of a row that it does not plan (reason and message)."""
    where = next((place for place, rows in inputs.waiting.items() if row in rows), None)
    if where is None:
        return Explanation(row, (("stands", (held,)),))
    compliance = Compliance(inputs.campaign.schedule, inputs.campaign.limits)
    index = next((index for index, planned in enumerate(table.rows) if planned == row), None)
    slot_ms = None if index is None else table.slots_ms[index]
    stands = (held,) if slot_ms is None or index is None else (_slot(table, where, index, inputs.ranks),)
    return Explanation(
        row,
        (
            ("stands", stands),
            ("zones", where.zones),
            ("asks", (f"{where.times.described}, on the clock of each zone",) if where.times != ANY_TIME else ()),
            ("rules", tuple(_rules(compliance, where))),
            ("caps", tuple(_caps(inputs, compliance, where, row))),
            ("days", tuple(_days(inputs, compliance, where, slot_ms))),
            ("call", tuple(_call(inputs, table, row))),
        ),
    )


def local_times(zones: tuple[str, ...], slot_ms: int) -> str:
    """Write an instant as the clocks of *zones* show it."""
    clocks = {f"{from_ms(slot_ms).astimezone(load_zone(zone)):%a %Y-%m-%d %H:%M:%S %Z}" for zone in zones}
    return ", ".join(sorted(clocks))


def _slot(table: Timetable, where: Whereabouts, index: int, ranks: ByRow | None) -> str:
    order = "People whose hours end soonest are called first; ties follow the sheet's order."
    if ranks is not None:
        place = f"number {ranks[table.rows[index]] + 1:,} of {max(map(ranks.__getitem__, ranks)) + 1:,}"
        order = f"Its priority is {place}: number 1 is called first. Of one priority, p{order[1:]}"
    slot_ms = table.slots_ms[index]
    said = f"{iso_ms(slot_ms)}, which is {local_times(where.zones, slot_ms)}: call {index + 1:,} of {len(table):,}."
    return f"{said} {order}"


def _rules(compliance: Compliance, where: Whereabouts) -> list[str]:
    if compliance.schedule.rules == "off":
        return ["off in the campaign file: only the campaign's own hours hold"]
    said = [rule_text(rule) for rule in compliance.rules(where.regions)]
    return said + [f"{region}: the state is not known" for region in where.regions if region.endswith(UNKNOWN)]


def rule_text(rule: Rule) -> str:
    """Write a rule on one line."""
    name = (
        "the strictest hours of all"
        if rule.region == STRICTEST
        else f"{rule.region} {name_of(rule.region) or rule.name}"
    )
    hours = "; ".join(f"{day} {text}" for day, text in hours_by_day(rule).items())
    caps = f"; at most {', '.join(map(str, rule.caps))}" if rule.caps else ""
    return f"{name}: {hours}{caps} ({rule.sources[0]}; expires {rule.expires})"


def _caps(inputs: Inputs, compliance: Compliance, where: Whereabouts, row: int) -> list[str]:
    caps = compliance.caps(where.regions)
    said = [f"at most {', '.join(map(str, caps))} for one number" if caps else "none"]
    calls = inputs.numbers.slots_ms.get(inputs.numbers.phones.get(row, ""), [])
    if calls:
        said.append(f"its number has calls at {', '.join(iso_ms(call) for call in calls)}")
        free_ms = next_allowed_ms(calls, caps)
        if free_ms is not None and free_ms > inputs.start_ms:
            said.append(f"so it may be called again from {iso_ms(free_ms)}")
    elif row in inputs.numbers.phones:
        said.append("another row of the sheet has the same number")
    return said


def _call(inputs: Inputs, table: Timetable, row: int) -> list[str]:
    """Say what the row's call has that others have not: its template, the number that it comes from, and why that."""
    own, callers = inputs.callers.own.get(row, NOTHING_OWN), inputs.callers
    said = [f"template {own.call_template_id}, as its row says"] if own.call_template_id else []
    if own.from_number:
        said.append(f"from {own.from_number}, as its row says")
    elif row in table.numbers:
        before = ", as before" if row in callers.before else ""
        said.append(f"from {table.numbers[row]}, of [[from_numbers]]{before}")
    return said


def _days(inputs: Inputs, compliance: Compliance, where: Whereabouts, slot_ms: int | None) -> list[str]:
    """Say for each day from the start to the slot when the person could be called, and what kept it shorter."""
    calendar, zone = compliance.calendar(where.regions), load_zone(where.zones[0])
    first = from_ms(inputs.start_ms).astimezone(zone).date()
    last = (from_ms(inputs.end_ms) if slot_ms is None else from_ms(slot_ms)).astimezone(zone).date()
    days = min((last - first).days + 1, DAYS_SHOWN)
    said = []
    for day in (first + timedelta(days=n) for n in range(days)):
        why = f" ({'; '.join(calendar.why_closed(day))})" if calendar.why_closed(day) else ""
        said.append(f"{day:%a %Y-%m-%d}: {hours_text(calendar.hours_on(day))}{why}{_open_utc(compliance, where, day)}")
    return said


def _open_utc(compliance: Compliance, where: Whereabouts, day: date) -> str:
    """Say when, in UTC, every zone is inside its hours on the *day* of the first zone."""
    begin = datetime(day.year, day.month, day.day, tzinfo=load_zone(where.zones[0]))
    start_ms, end_ms = (round(moment.timestamp() * 1000) for moment in (begin, begin + timedelta(days=1)))
    spans = compliance.intervals(where.at_any_time, start_ms=start_ms, end_ms=end_ms)
    text = ", ".join(f"{from_ms(opens):%H:%M}-{from_ms(closes):%H:%M}" for opens, closes in spans)
    return f"; in all zones {text} UTC" if text else ""
