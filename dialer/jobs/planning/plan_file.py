"""A plan as a file: every row with its slot or the reason against one, and what the plan was made of."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from dialer.clock import iso_ms, to_ms
from dialer.errors import PlanRefused, ResultsNotWritten
from dialer.reasons import Reason
from dialer.results.atomic_write import write_atomically
from dialer.words import trouble

FORMAT = "dialer plan 1"
"""The first cell of a plan file. The first line is a comment of JSON; then comes an ordinary table."""

LONGEST_HEADER = 1 << 16
"""Characters that are read of the first line, which has some hundreds."""

COLUMNS: dict[str, str] = {
    "dialer_row": "row number in the sheet (the header is row 1)",
    "dialer_status": "where the row stands, as in the results",
    "dialer_reason": "`waiting`: `run --plan` sends it; otherwise why not",
    "dialer_message": "one sentence",
    "dialer_call_delayed_until": "the slot, UTC; of a row beyond the horizon the one foreseen",
    "local_time": "the slot on the person's own clocks, one for each zone",
    "zones": "every zone that the person could be in",
    "regions": "the countries and states whose rules hold",
}
"""The columns of a plan file, each with its meaning."""

CHANGED = {
    "sheet": "the sheet has changed",
    "campaign": "the campaign file has changed",
    "rules": "the rules, the holidays or the time zones have changed",
    "ledger": "calls have been created or looked up",
}
"""What makes a plan file stale, by the name of the fingerprint that tells."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan file; *slot_ms* is None where there is none."""

    row: int
    status: str
    reason: str
    message: str
    slot_ms: int | None = None
    local_time: str = ""
    zones: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What `run --plan` takes from a plan file: (row, slot in ms) in slot order, and the fingerprints."""

    path: Path
    slots: tuple[tuple[int, int], ...]
    fingerprints: Mapping[str, str]

    def refuse_changed(self, **now: str) -> None:
        """Refuse the plan when a fingerprint is another *now*. Raises `PlanRefused` naming all that have changed."""
        changed = [CHANGED[name] for name, value in now.items() if self.fingerprints.get(name) != value]
        if changed:
            raise PlanRefused(f"{self.path}: since this plan was made, {' and '.join(changed)}. Make the plan anew.")


def write_plan(
    path: Path,
    lines: Iterable[PlanLine],
    slots: Iterable[tuple[int, int]],
    fingerprints: Mapping[str, str],
    facts: Mapping[str, str],
) -> None:
    """Write *lines* to *path*, 0600, swapped in whole.

    *slots* are (row, slot in ms) of the lines that a run is to send, in the order of the lines. Raises
    `ResultsNotWritten` when the disk refuses.
    """
    header = {"format": FORMAT, **facts, **fingerprints, "slots": _digest(slots)}
    try:
        write_atomically(path, lambda file: _write(file, lines, header))
    except OSError as error:
        raise ResultsNotWritten(f"{path}: the plan cannot be written: {trouble(error)}.") from error


def _write(file: IO[bytes], lines: Iterable[PlanLine], header: Mapping[str, str]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    text.write(f"# {json.dumps(header)}\r\n")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        slot = "" if line.slot_ms is None else iso_ms(line.slot_ms)
        places = (line.local_time, " ".join(line.zones), " ".join(line.regions))
        writer.writerow([line.row, line.status, line.reason, line.message, slot, *places])
    text.detach()


def _digest(slots: Iterable[tuple[int, int]]) -> str:
    digest = hashlib.sha256()
    for row, slot_ms in slots:
        digest.update(f"{row} {slot_ms}\n".encode())
    return digest.hexdigest()


_MAKE_ONE = "Make one with `dialer plan CAMPAIGN --output FILE`."


def read_plan(path: Path) -> PlanFile:
    """Read a plan file. Raises `PlanRefused` for one that is no plan, or that somebody has edited."""
    if path.exists() and not path.is_file():
        raise PlanRefused(f"{path}: is no file. {_MAKE_ONE}")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = json.loads(file.readline(LONGEST_HEADER).removeprefix("#"))
            slots = tuple(_slots(csv.DictReader(file)))
    except OSError as error:
        raise PlanRefused(f"{path}: cannot be read: {trouble(error)}. {_MAKE_ONE}") from error
    except (ValueError, KeyError, RecursionError, csv.Error) as error:
        raise PlanRefused(f"{path}: is no plan. {_MAKE_ONE}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise PlanRefused(f"{path}: is no plan of this version of dialer. Make it anew.")
    if header.get("slots") != _digest(slots):
        raise PlanRefused(f"{path}: its slots have been edited. Change the campaign instead, and make the plan anew.")
    return PlanFile(
        path, tuple(sorted(slots, key=lambda item: item[1])), {name: str(header.get(name)) for name in CHANGED}
    )


def _slots(lines: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, int]]:
    for line in lines:
        if line["dialer_reason"] == Reason.WAITING:
            yield int(line["dialer_row"]), _instant(line["dialer_call_delayed_until"])


def _instant(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))
