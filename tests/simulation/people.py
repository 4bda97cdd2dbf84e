"""The sheet of a simulated campaign: people to call, people not to call, rows that cannot be called."""

from dataclasses import dataclass, field
from random import Random

from tests.support import CampaignFolder, number

BAD_PHONES = ("", "12", "1.21E+10", "+18005550123", "+442079460100", "12125550100.0")

UNHEARD_MS = 5_000
"""So long a number may have been on the list unnoticed, and what was claimed before may be under way."""


@dataclass
class People:
    """Who is on the sheet now, in its order, and who is suppressed since which run."""

    random: Random
    rows: list[tuple[str, str]] = field(default_factory=list)
    suppressed_since: dict[str, int] = field(default_factory=dict)
    spared_from_ms: dict[str, int] = field(default_factory=dict)
    is_list_broken: bool = False
    _known: int = 0

    @property
    def callable(self) -> set[str]:
        """The numbers that each must have one call in the end."""
        known = {number(self._index(index)) for index in range(self._known)}
        return (known & {self._e164(phone) for _, phone in self.rows}) - set(self.suppressed_since)

    def spare(self, folder: CampaignFolder, called: set[str], *, run: int, at_ms: int, broken: bool) -> None:
        """Put other numbers of some who are not *called* yet on the list, while run number *run* goes on.

        *broken* writes a line with them that cannot be read.
        """
        uncalled = sorted(self.callable - called)
        for phone in self.random.sample(uncalled, min(3, len(uncalled))):
            self.suppressed_since[phone] = run + 1
            self.spared_from_ms[phone] = at_ms + UNHEARD_MS
        self.is_list_broken = broken
        self.write(folder)

    def _index(self, index: int) -> int:
        return index * 137  # people of many area codes

    def _e164(self, phone: str) -> str:
        digits = "".join(filter(str.isdecimal, phone))
        return f"+1{digits}" if len(digits) == 10 else f"+{digits}"

    def grow(self, count: int, run: int) -> None:
        """Add about *count* rows: mostly new people, some known ones again, some bad rows, some suppressed ones."""
        for _ in range(count):
            dice = self.random.random()
            if dice < 0.08 and self.rows:
                self.rows.append(("Again", self._written(self.random.choice(self.rows)[1])))
            elif dice < 0.18:
                self.rows.append(("Bad", self.random.choice(BAD_PHONES)))
            else:
                phone = number(self._index(self._known))
                self.rows.append((f"Person {self._known}", self._written(phone)))
                self._known += 1
                if dice > 0.92:
                    self.suppressed_since[phone] = run

    def change(self, run: int) -> None:
        """Change the sheet as people do between runs."""
        what = self.random.random()
        if what < 0.25:
            self.random.shuffle(self.rows)
        elif what < 0.45:
            self.grow(self.random.randint(1, 6), run)
        elif what < 0.55:
            self.rows = [(f"{name}, renamed", phone) for name, phone in self.rows]
        elif what < 0.65 and self.callable:
            self.suppressed_since.setdefault(self.random.choice(sorted(self.callable)), run)

    def _written(self, phone: str) -> str:
        """Write a number as one of the ways people write it."""
        digits = "".join(filter(str.isdecimal, phone))[-10:]
        if len(digits) < 10 or phone in BAD_PHONES:
            return phone
        ways = (f"+1{digits}", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", digits, f"+1 {digits[:3]} {digits[3:]}")
        return self.random.choice(ways)

    def write(self, folder: CampaignFolder) -> None:
        """Write the sheet and the suppression list."""
        rows = [(name, phone, self._home(self._e164(phone))) for name, phone in self.rows]
        folder.sheet(["Name", "Phone", "Home"], rows)
        listed = [self._home(phone) if phone in self.spared_from_ms else phone for phone in self.suppressed_since]
        listed += ["no number"] * self.is_list_broken
        folder.sheet(["Phone"], [[phone] for phone in listed], "do_not_call.csv")

    def _home(self, phone: str) -> str:
        """Return the other number of a person, "" of nobody."""
        known = {number(self._index(index)): number(self._index(index) + 10_000) for index in range(self._known)}
        return known.get(phone, "")
