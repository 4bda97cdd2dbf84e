"""Judges a fleet's round: by the lists of the API and by the summaries of the mornings."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dialer.exit_codes import EXIT_UNKNOWN, GOOD_EXITS
from dialer.fleet.listing import JobState


def wrong_calls(created: Sequence[Mapping[str, Any]], wanted: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each number that the API's list holds more or less often than the policy says."""
    calls = Counter(str(call["toPhoneNumber"]) for call in created)
    for phone in sorted(calls.keys() | wanted.keys()):
        if calls[phone] != wanted.get(phone, 0):
            yield f"…{phone[-4:]} was called {calls[phone]} times in place of {wanted.get(phone, 0)}"


def busiest_second(created: Sequence[Mapping[str, Any]]) -> int:
    """Return the most calls that were created within any second, wherever it begins."""
    instants = sorted(datetime.fromisoformat(str(call["createdAt"])).timestamp() for call in created)
    most = first = 0
    for last, instant in enumerate(instants):
        while instant - instants[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def summaries(folder: Path) -> Iterator[tuple[str, date, int]]:
    """Yield the campaign, the night and the exit code of each summary that was kept in *folder*."""
    for path in folder.glob("nightly-*.json"):
        for night in json.loads(path.read_text("utf-8"))["campaigns"]:
            if night["night"] is not None:
                yield night["campaign"], date.fromisoformat(night["night"]), night["exit_code"]


def wrong_mornings(
    found: Iterable[tuple[str, date, int]], names: Iterable[str], nights: Sequence[date]
) -> Iterator[str]:
    """Yield a sentence for each campaign and night that has not exactly one summary of a night that was done.

    A night that left unknown rows has one at least: another start goes on with it.
    """
    codes = [(name, night, code) for name, night, code in found if code in {*GOOD_EXITS, EXIT_UNKNOWN}]
    good = Counter((name, night) for name, night, code in codes if code != EXIT_UNKNOWN)
    unknown = {(name, night) for name, night, code in codes if code == EXIT_UNKNOWN}
    for name, night in ((name, night) for name in names for night in nights):
        if good[name, night] > 1 or (not good[name, night] and (name, night) not in unknown):
            yield f"{name} has {good[name, night]} summaries of the night {night}"


def wrong_whole_mornings(folder: Path, names: Sequence[str], nights: Sequence[date]) -> Iterator[str]:
    """Yield a sentence for each night whose one summary of all campaigns is missing, or lacks the end of one."""
    for night in nights:
        path = folder / f"morning-{night}.json"
        found = json.loads(path.read_text("utf-8"))["campaigns"] if path.exists() else []
        ended = [each["campaign"] for each in found if each["state"] not in (JobState.WAITS, JobState.RUNS)]
        if ended != sorted(names):
            yield f"the summary of the whole night {night} holds the ends of {len(ended)} of {len(names)} campaigns"
