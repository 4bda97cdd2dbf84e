"""What tests share: folders with campaigns in them, a clock that is told the time, readers of results."""

import asyncio
import csv
from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import phonenumbers

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import Clock, SystemClock, to_ms

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Noon in New York on a weekday."""

NOON_MS = to_ms(MONDAY_NOON)

TEAM = "363573667364666473667332"
TEMPLATE = "363573667364666473667333"

ANY_HOUR = """
[schedule]
calls_per_minute = 6000
window = "00:00-24:00"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
rules = "off"
holidays = false
"""

FAST = """
[submit]
requests_per_second = 2000
concurrency = 4
"""


@cache
def area_codes() -> list[int]:
    """List the area codes of the United States, a few hundred of them."""
    candidates = (phonenumbers.parse(f"+1{area}5550100") for area in range(201, 990))
    valid = (found for found in candidates if phonenumbers.is_valid_number_for_region(found, "US"))
    return [found.national_number // 10_000_000 for found in valid if found.national_number]


def number(index: int) -> str:
    """Return one of the North American numbers that ring nobody, a new one for each *index* below 30,000."""
    return f"+1{area_codes()[index // 100]}55501{index % 100:02d}"


class FakeClock(Clock):
    """Time that moves only when it is told to, or when somebody sleeps."""

    def __init__(self, now: datetime = MONDAY_NOON) -> None:
        self.at = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the time it was told."""
        return self.at

    def monotonic(self) -> float:
        """Return seconds since an arbitrary instant."""
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*."""
        self.at += timedelta(seconds=seconds)


_LONGEST_SLEEP_SECONDS = 0.02


class HurriedClock(SystemClock):
    """The machine's time, for somebody who hardly waits: what a task sleeps has passed for it in a thousandth of it.

    For it alone: what looks in from time to time beside the calls would age their claims by hours. *ahead* of the time
    it is later for everybody.
    """

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead
        self._slept: WeakKeyDictionary[asyncio.Task[Any], float] = WeakKeyDictionary()

    def now(self) -> datetime:
        """Return the time, as it is later."""
        return super().now() + self._ahead

    def monotonic(self) -> float:
        """Return seconds that count what was slept."""
        try:
            task = asyncio.current_task()
        except RuntimeError:  # not on an event loop
            task = None
        return super().monotonic() + (0.0 if task is None else self._slept.get(task, 0.0))

    async def sleep(self, seconds: float) -> None:
        """Let the others run: those who look in seldom do so less often than those who look in often."""
        task = asyncio.current_task()
        assert task is not None
        self._slept[task] = self._slept.get(task, 0.0) + seconds
        await asyncio.sleep(min(seconds / 1000, _LONGEST_SLEEP_SECONDS))


class CampaignFolder:
    """A folder with `campaign.toml` and `contacts.csv`, as a person would have it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheet(["Name", "Phone"], [[f"Person {index}", number(index)] for index in range(3)])
        self.campaign()

    @property
    def campaign_file(self) -> Path:
        """The campaign file."""
        return self.path / "campaign.toml"

    def sheet(self, header: Sequence[str], rows: Sequence[Sequence[str]], name: str = "contacts.csv") -> Path:
        """Write a sheet and return its path."""
        path = self.path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    def people(self, count: int) -> Path:
        """Write a sheet of *count* callable rows."""
        return self.sheet(["Name", "Phone"], [[f"Person {index}", number(index)] for index in range(count)])

    def campaign(self, tables: str = ANY_HOUR + FAST, contacts: str = 'region = "US"') -> Campaign:
        """Write the campaign file and load it."""
        self.campaign_file.write_text(
            f'[call]\nteam_id = "{TEAM}"\ncall_template_id = "{TEMPLATE}"\n'
            f'[contacts]\nfile = "contacts.csv"\n{contacts}\n{tables}',
            "utf-8",
        )
        return load_campaign(self.campaign_file)


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read a results CSV as a person's spreadsheet program would: by its headers."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def column(rows: Sequence[dict[str, Any]], name: str) -> list[Any]:
    """Return one column of the results."""
    return [row[name] for row in rows]


_T = TypeVar("_T")


async def answers_of(works: Iterable[Awaitable[_T]]) -> list[_T | Exception]:
    """Do all of *works* side by side; return what each of them comes to, or raises."""

    async def answer(work: Awaitable[_T]) -> _T | Exception:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - returned, as asyncio.gather does
            return error

    return await asyncio.gather(*map(answer, works))
