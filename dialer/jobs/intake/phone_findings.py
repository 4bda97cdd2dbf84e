"""What `check` tells of a sheet's numbers as a whole: where they stand, what was passed over, what would mend most."""

from collections import Counter
from collections.abc import Iterator

from dialer.contacts.likely_region import likely_region
from dialer.contacts.loader import Loaded
from dialer.contacts.phones.cell_text import has_country
from dialer.jobs.intake.parallel_check import Verdict
from dialer.reasons import Reason

_SHOWN = 10
_SAMPLE = 200


class PhoneFindings:
    """The numbers of one sheet, seen verdict by verdict.

    `by_column` counts those that are called, by header, where there are several columns.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._phones, self._header = loaded.mapping.phones, loaded.mapping.header
        self._has_several = len(self._phones) > 1
        self._region = loaded.judge.contacts.region
        self._sample: list[str] = []
        self._passed_over: list[tuple[int, str]] = []
        self._passed_over_count = 0
        self._rows = 0
        self._reasons: Counter[str] = Counter()
        self.by_column: Counter[str] = Counter()

    def see(self, verdict: Verdict) -> Verdict:
        """Take down what *verdict* says of its number, and pass it on."""
        self._rows += 1
        if self._has_several:
            self._see_column(verdict)
        held = verdict.held
        if held is not None and held.reason in {Reason.PHONE_INVALID, Reason.PHONE_AMBIGUOUS}:
            self._reasons[held.reason] += 1
            if len(self._sample) < _SAMPLE:
                texts = (verdict.cells[at] for at in self._phones if at < len(verdict.cells))
                self._sample += [text for text in texts if text.strip() and not has_country(text)]
        return verdict

    def _see_column(self, verdict: Verdict) -> None:
        if verdict.phone_column is not None:
            self.by_column[verdict.phone_column] += 1
        if verdict.passed_over is not None:
            self._passed_over_count += 1
            if len(self._passed_over) < _SHOWN:
                self._passed_over.append((verdict.row, verdict.passed_over))

    def notes(self) -> Iterator[str]:
        """Word what was found."""
        for row, message in self._passed_over:
            yield f"Row {row}: the number of a later column is called. {message}"
        if self._passed_over_count > _SHOWN:
            yield f"So it is in {self._passed_over_count:,} rows in all."
        yield from self._hint()

    def _hint(self) -> Iterator[str]:
        """Word the one line that would mend most rows, where there is one."""
        invalid, ambiguous = self._reasons[Reason.PHONE_INVALID], self._reasons[Reason.PHONE_AMBIGUOUS]
        if not self._sample or (invalid + ambiguous) * 2 <= self._rows:
            return
        if ambiguous > invalid:
            yield (
                f"{ambiguous:,} of {self._rows:,} rows hold a number that may be two, most often for a country code"
                " without +. Where every number is written with its country code, put + before each."
            )
            return
        guess = likely_region(self._sample, self._header)
        if guess is not None and guess != self._region:
            what = "without a country" if self._region is None else f"none of {self._region}"
            yield (
                f"{invalid:,} of {self._rows:,} numbers are {what}, and most would be numbers of {guess}. If they are,"
                f' set region = "{guess}" under [contacts].'
            )
