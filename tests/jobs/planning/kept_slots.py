"""Judges the plan of a run that may have kept slots of a killed one, by nothing but the slots and the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.jobs.intake.twice_read import Begun

HELD = {"cap_reached", "beyond_horizon"}
"""Reasons of rows that a plan made an hour later may give a slot."""
TICK_MS = 10
DAY_MS, MOVED_MS = 24 * 3_600_000, 1_000
"""The default caps begin with one call in 24 hours; a call that is made may be moved by a second."""


def breaches(kept: Begun, read: Begun, window: str) -> Iterator[str]:
    """Name where a run that may have kept slots tells of a row what a reading does not, or plans what it must not.

    *window* are the hours of the campaign on everybody's own clock, which has the same pace in every story.
    """
    for was, now in zip(read.rows, kept.rows, strict=True):
        if was[:4] != now[:4] and now.reason not in HELD:
            yield f"row {now.row}: {now.reason} instead of {was.reason}"
    slots_ms = sorted(slot_ms for _, slot_ms, _ in kept.planned)
    if any(later - earlier < TICK_MS for earlier, later in pairwise(slots_ms)):
        yield "slots that are nearer than the pace allows"
    for phone, slot_ms, zones in kept.planned:
        if slot_ms < kept.now_ms or not all(_is_open(slot_ms, zone, window) for zone in zones.split("|")):
            yield f"a slot that has passed or lies outside the hours: {slot_ms}"
        others = [*kept.made, *((other, at) for other, at, _ in kept.planned if at != slot_ms)]
        if any(other == phone and abs(at - slot_ms) < DAY_MS - MOVED_MS for other, at in others):
            yield f"two calls of a number in a day: {slot_ms}"


def _is_open(slot_ms: int, zone: str, window: str) -> bool:
    local = datetime.fromtimestamp(slot_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    opens, closes = (timedelta(hours=int(text[:2])) for text in window.split("-"))
    return opens <= timedelta(hours=local.hour, minutes=local.minute) < closes
