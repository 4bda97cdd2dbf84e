"""The worksheet that sums the results up: rows by status and by reason, what to do about them, and how to go on."""

from collections.abc import Mapping
from typing import Any

from dialer.reasons import Status, meaning_of
from dialer.results.remedies import remedy_of


class SummarySheet:
    """Counts rows by status and reason, and writes the worksheet that tells of them."""

    def __init__(self) -> None:
        self._statuses = dict.fromkeys(map(str, Status), 0)
        self._reasons: dict[str, int] = {}

    def count(self, status: str, reason: str) -> None:
        """Count a row."""
        self._statuses[status] += 1
        if reason:
            self._reasons[reason] = self._reasons.get(reason, 0) + 1

    def write(self, sheet: Any, header: Any, statuses: Mapping[str, Any], mended_in: tuple[str, str]) -> None:
        """Fill xlsxwriter's *sheet*, with its formats for headers and statuses; *mended_in* are worksheets to name."""
        lines: list[tuple[Any, ...]] = [("status", "rows", "meaning", "")]
        lines += [(status, self._statuses[status], Status(status).meaning.replace("`", ""), "") for status in Status]
        lines += [(), ("reason", "rows", "meaning", "what to do")]
        lines += [(code, rows, meaning_of(code), remedy_of(code)) for code, rows in sorted(self._reasons.items())]
        lines += [(), ("how to go on",), (_HOW.format(*mended_in),)]
        for row, line in enumerate(lines):
            is_header = bool(line) and line[0] in {"status", "reason", "how to go on"}
            for column, value in enumerate(line):
                style = header if is_header else statuses.get(value) if column == 0 else None
                sheet.write(row, column, value, style)
        for column, width in enumerate((24, 9, 70, 70)):
            sheet.set_column(column, column, width)


_HOW = (
    'Mend the rows in the worksheet "{}" (or in "{}", not in both), save, and give this file back:'
    " dialer retry CAMPAIGN --from FILE"
)
