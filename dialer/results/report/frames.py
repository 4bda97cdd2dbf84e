"""Adds up rows and calls with pandas; everything that is given back is a plain value of the page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from dialer.calls.disposition import FINAL, is_talk
from dialer.calls.outcome import Kind
from dialer.clock import iso_ms
from dialer.ledger.call_reports import CallReport
from dialer.ledger.row_reports import RowReport
from dialer.ledger.suppression_list import OpenCall
from dialer.reasons import FOR_A_PERSON, Reason, Status, meaning_of
from dialer.results.remedies import remedy_of
from dialer.results.report.content import Bar
from dialer.schedule.places.tz_database import load_zone

Frame = pd.DataFrame
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = range(24)

_MINUTE = 60
_LENGTHS = {"0-10 s": 10, "10-30 s": 30, "30-60 s": _MINUTE, "1-2 min": 2 * _MINUTE, "2-5 min": 5 * _MINUTE}
_LONGER = "5+ min"

CODED = ("status", "reason", "message")
"""Columns of the rows that need a person in which few texts come often."""

HELD = frozenset({Reason.NO_SLOT, Reason.CALLED_BEFORE_ELSEWHERE, Reason.BUDGET_SPENT, Reason.SLOT_PASSED})
"""Rows that wait, and that no later run calls unless somebody does something."""


STILL_RINGS = "still_rings"
"""Stands on the page as the reason of a row that was suppressed after its call had been created."""


def frame_of_rows(rows: Iterable[RowReport], names: Sequence[int]) -> Frame:
    """Return a line for each row: what became of it, and the person's name, which is in the cells *names*."""
    columns = ["row", "status", "reason", "message", "phone", "call_id", "slot_ms", "name", "ended", "talked"]
    lines = (
        (
            row.row, str(row.status), str(row.reason), row.message, row.phone or "", row.call_id or "", row.slot_ms,
            " ".join(row.cells[index] for index in names if index < len(row.cells)).strip(),
            row.end is not None and row.end.status in FINAL,
            row.end is not None and is_talk(row.end.status, row.end.status_code),
        )
        for row in rows
    )  # fmt: skip
    return Frame(lines, columns=columns)


def frame_of_calls(calls: Iterable[CallReport]) -> Frame:
    """Return a line for each attempt and each call that waits, with the day and hour on the clock of its first zone."""
    frame = Frame(calls, columns=list(CallReport._fields))
    frame["zone"] = frame["zones"].astype(str).str.split("|").str[0]
    instants = pd.to_datetime(frame["slot_ms"], unit="ms", utc=True)
    frame["day"], frame["hour"], frame["weekday"] = "", 0, 0
    for zone, of_zone in instants.groupby(frame["zone"]):
        local = of_zone.dt.tz_convert(load_zone(str(zone)) if zone else "UTC")
        frame.loc[of_zone.index, "day"] = local.dt.strftime("%Y-%m-%d")
        frame.loc[of_zone.index, "hour"] = local.dt.hour
        frame.loc[of_zone.index, "weekday"] = local.dt.day_of_week
    return frame


def funnel(rows: Frame, *, now_ms: int) -> list[Bar]:
    """Return how many rows came how far: read, callable, created, rung, ended, talked to."""
    created = rows["status"] == Status.CREATED
    rung = created & (rows["slot_ms"].fillna(now_ms + 1) <= now_ms)
    callable_ = ~rows["status"].isin([Status.REJECTED, Status.SKIPPED])
    steps = {
        "Rows of the sheet": (len(rows), "every row, whatever became of it"),
        "Can be called": (callable_.sum(), "neither rejected nor skipped"),
        "Calls created": (created.sum(), "the API has taken the call and told its id"),
        "Slot has passed": (rung.sum(), "the call may have rung"),
        "End is known": ((created & rows["ended"]).sum(), "the API was asked, and said how the call ended"),
        "Answered by a person": ((created & rows["talked"]).sum(), "completed, and no voicemail or menu"),
    }
    return [Bar(label, int(count), len(rows), note) for label, (count, note) in steps.items()]


def statuses(rows: Frame) -> list[Bar]:
    """Return the rows by status, in the order of the statuses."""
    counts = rows["status"].value_counts()
    found = [(status, int(counts.get(status, 0))) for status in Status]
    return [
        Bar(status, count, len(rows), status.meaning.replace("`", ""), kind=status) for status, count in found if count
    ]


def reasons(rows: Frame) -> list[Bar]:
    """Return the rows by reason, the most frequent first."""
    told = rows[rows["reason"] != ""]
    counts = told.groupby(["reason", "status"]).size().reset_index(name="rows").sort_values("rows", ascending=False)
    lines = zip(counts["reason"].tolist(), counts["status"].tolist(), counts["rows"].tolist(), strict=True)
    return [Bar(reason, count, len(rows), meaning_of(reason), kind=status) for reason, status, count in lines]


def people(rows: Frame, unwanted: Mapping[str, OpenCall]) -> dict[str, Any]:
    """Return the rows that need a person, column by column; a text of `CODED` that comes often stands once, in a list.

    Among them are those of *unwanted* calls, by their numbers. `remedy` holds what to do about each of the reasons, ""
    where the message says it.
    """
    has_call = (rows["status"] == Status.CREATED) | rows["reason"].isin([Reason.SUPPRESSED, Reason.ALREADY_CREATED])
    rings = has_call & rows["phone"].isin(list(unwanted))
    chosen = rows[rings | rows["status"].isin(list(FOR_A_PERSON)) | rows["reason"].isin(list(HELD))].copy()
    chosen.loc[rings, "call_id"] = chosen["phone"].map({phone: call.call_id for phone, call in unwanted.items()})
    chosen.loc[rings, "message"] = chosen["phone"].map({phone: _rings(call) for phone, call in unwanted.items()})
    chosen.loc[rings, "reason"] = STILL_RINGS
    columns: dict[str, Any] = {name: chosen[name].tolist() for name in ("row", "phone", "name", "call_id")}
    for name in CODED:
        codes, texts = pd.factorize(chosen[name])
        columns[name] = {"codes": codes.tolist(), "texts": list(texts)}
    columns["remedy"] = [remedy_of(reason) if reason in set(Reason) else "" for reason in columns["reason"]["texts"]]
    return columns


def _rings(call: OpenCall) -> str:
    return f"Must not be called any more, and this call rings at {iso_ms(call.slot_ms)}: cancel it at the API."


def created(calls: Frame) -> Frame:
    """Return the calls that the API has taken."""
    return calls[calls["outcome"] == Kind.CREATED]


def progress(calls: Frame, *, since_ms: int) -> tuple[int, int, int]:
    """Return how many calls of a run are done, how many of them since an instant, and how many are not yet.

    One that was put off and is tried again counts once: it is done when nothing of it is open or waits any more.
    """
    told = Frame({"open": calls["outcome"].isna(), "settled": calls["settled_at_ms"].fillna(0)})
    of_call = told.groupby(calls["contact_id"]).max()
    done = of_call[~of_call["open"].astype(bool)]
    return len(done), int((done["settled"] >= since_ms).sum()), len(of_call) - len(done)


def ringing(calls: Frame) -> Frame:
    """Return the calls that exist, may exist, or wait for their turn."""
    return calls[~calls["outcome"].isin([Kind.REFUSED, Kind.NOT_SENT])]


def slots_by_hour(calls: Frame) -> dict[tuple[str, int], int]:
    """Return the number of slots by local day and hour."""
    return _counts(calls, ["day", "hour"])


def zone_sizes(calls: Frame) -> dict[str, int]:
    """Return the slots of each first zone, the most frequent first."""
    return {str(zone): int(count) for zone, count in calls["zone"].value_counts().items()}


def places(calls: Frame) -> dict[tuple[str, str], int]:
    """Return the calls by where their people may be: zones and regions, each joined by |."""
    return _counts(calls, ["zones", "regions"])


def requests_of(calls: Frame, run_id: str) -> Frame:
    """Return the attempts of one run that were claimed."""
    return calls[(calls["run_id"] == run_id) & calls["claimed_at_ms"].notna()]


def requests_by_step(requests: Frame, *, start_ms: int, step_ms: int, steps: int) -> list[Bar]:
    """Return the calls claimed a second in each of *steps* stretches of *step_ms* from *start_ms* on."""
    counts = ((requests["claimed_at_ms"] - start_ms) // step_ms).astype(int).value_counts()
    return [
        Bar(iso_ms(start_ms + step * step_ms)[11:19], int(counts.get(step, 0)) / (step_ms / 1000))
        for step in range(steps)
    ]


def dispositions(calls: Frame) -> list[Bar]:
    """Return the calls by how they stand, in the API's words."""
    asked = calls[calls["status"].notna()]
    words = asked["status"] + asked["status_code"].fillna("").map(lambda code: f" {code}" if code else "")
    talks = [is_talk(*pair) for pair in zip(asked["status"], asked["status_code"], strict=True)]
    told = Frame({"words": words, "talk": talks}, index=asked.index)
    counts = sorted(_counts(told, ["words", "talk"]).items(), key=lambda item: -item[1])
    return [Bar(text, count, len(asked), kind="good" if talk else "") for (text, talk), count in counts]


def durations(calls: Frame) -> tuple[list[Bar], str]:
    """Return the answered calls by how long they took, and in words what is usual and what they add up to."""
    seconds = calls["duration_seconds"].dropna().astype(float)
    if seconds.empty:
        return [], ""
    edges = [-1.0, *_LENGTHS.values(), float("inf")]
    counts = pd.cut(seconds, edges, labels=[*_LENGTHS, _LONGER]).value_counts(sort=False)
    bars = [Bar(str(label), int(count), len(seconds)) for label, count in counts.items()]
    return bars, f"median {seconds.median():.0f} s, {seconds.sum() / _MINUTE:,.0f} minutes in all"


def answered(calls: Frame, by: str, labels: Mapping[Any, str]) -> list[Bar]:
    """Return how many of the calls that ended were answered by a person, for each of the values of *by* in *labels*."""
    ended = calls[calls["status"].isin(list(FINAL))]
    talked = [is_talk(*pair) for pair in zip(ended["status"], ended["status_code"], strict=True)]
    sums = Frame({by: ended[by], "talked": talked}).groupby(by)["talked"].agg(["sum", "size"])
    return [
        Bar(label, int(sums["sum"].get(value, 0)), int(sums["size"].get(value, 0))) for value, label in labels.items()
    ]


def days_of(calls: Frame) -> list[date]:
    """Return the local days of the calls, ascending."""
    return [date.fromisoformat(day) for day in sorted(calls["day"].unique())]


def _counts(frame: Frame, by: list[str]) -> dict[tuple[Any, ...], int]:
    """Return the number of lines for each combination of the columns *by*."""
    sizes = frame.groupby(by).size()
    return dict(zip(sizes.index.tolist(), sizes.tolist(), strict=True))
