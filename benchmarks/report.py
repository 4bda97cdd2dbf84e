"""How long a report of many rows takes: to write, and to open in a headless Chromium, against one without rows.

`python -m benchmarks.report [--rows 100000]`: a page of that many rows that need a person, opened from the disk as
often as is asked; an opening ends when its table can be used.
"""

import argparse
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from dialer.ledger.row_reports import RowReport
from dialer.reasons import Status
from dialer.results.report import frames
from dialer.results.report.content import Report
from dialer.results.report.page import write_page
from dialer.results.report.people import people_of
from tests.results.report.browser import opened, running_browser
from tests.support import number


def a_row(index: int) -> RowReport:
    """Return a row that failed, with a message, a number and a name of its own."""
    message = f"Row {index % 500}: the number in column Phone is no valid number of region US."
    cells = (f"Person {index}",)
    return RowReport(
        index, cells, Status.REJECTED, "phone_invalid", message, None, number(index % 30_000), None, 0, None
    )


def written(path: Path, rows: int) -> float:
    """Write a page with *rows* rows that need a person; return the seconds it took."""
    began = time.perf_counter()
    frame = frames.frame_of_rows(map(a_row, range(rows)), (0,))
    report = Report(
        title="benchmark", subtitle="", written_at="2026-11-23T17:00:00.000Z", next_step="", progress=None,
        funnel=frames.funnel(frame, now_ms=0), statuses=frames.statuses(frame), reasons=frames.reasons(frame), zones=(),
        timeline=None, ends=None, nights=(), people=people_of(frame, {}, unmasked=False), runs=(), facts=(),
    )  # fmt: skip
    write_page(path, report)
    return time.perf_counter() - began


def open_seconds(browser: Browser, path: Path) -> float:
    """Return how long the page takes from the request for it until its table is drawn."""
    began = time.perf_counter()
    with opened(browser, path) as view:
        view.page.wait_for_selector("#found:not(:empty), body:not(:has(#found))", state="attached")
        return time.perf_counter() - began


def main() -> None:
    """Measure, and print the medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--openings", type=int, default=7)
    options = arguments.parse_args()
    with TemporaryDirectory() as folder, running_browser() as browser:
        full, empty = Path(folder) / "full.html", Path(folder) / "empty.html"
        seconds = written(full, options.rows)
        written(empty, 0)
        pairs = [(open_seconds(browser, full), open_seconds(browser, empty)) for _ in range(options.openings)]
        size = full.stat().st_size / 1_000_000
    opening, without = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"{options.rows:,} rows: written in {seconds:.2f} s, {size:.1f} MB; opened in {opening:.2f} s")
    print(f"an empty page: opened in {without:.2f} s; slowest with rows {max(time for time, _ in pairs):.2f} s")


if __name__ == "__main__":
    main()
