"""Judges the rows of a sheet in the order of the sheet, on one core or on several."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from dialer.chunks import chunks
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.contacts.duplicates import FirstRows, remember_first_rows
from dialer.contacts.loader import Judge, Loaded, duplicate_of
from dialer.errors import JudgingFailed
from dialer.jobs.intake.placing import Placing
from dialer.memory import collect_seldom
from dialer.schedule.places.regions import CellNote
from dialer.schedule.places.whereabouts import cell_notes
from dialer.sheets.sheet import SheetRow

CHUNK_ROWS = 5_000
"""Rows judged together, and sent to another process together."""

AHEAD = 2
"""Chunks that wait for each process: with fewer it idles, with more the memory fills."""


class Verdict(NamedTuple):
    """What one row came to. `held` is `None` for a row that can be called; `cells` are kept for rejected rows alone.

    `phone_column` is the header of the number that can be called, `passed_over` what is wrong with an earlier one,
    `has_bad_email` that of its contact, `cell_notes` what is to be said of its cells about places.
    """

    row: int
    phone: str | None
    held: ExcludedRow | None
    cells: tuple[str, ...]
    phone_column: str | None = None
    passed_over: str | None = None
    has_bad_email: bool = False
    cell_notes: tuple[CellNote, ...] = ()


class _Judged(NamedTuple):
    """A verdict before it is known whether the row repeats an earlier one; `key` is that of a contact."""

    verdict: Verdict
    key: str | None


_Sent = _Judged | tuple[int, str, str | None, str | None, bool, tuple[CellNote, ...]]
"""A verdict on its way from another process: of a row that can be called the least to pack: its number, its key, and
the last four of `Verdict`."""


class _RowJudge(NamedTuple):
    """Judges a row as a run does: by the sheet, and by where its contact could be."""

    of_sheet: Judge
    placing: Placing

    def judge(self, row: SheetRow) -> _Judged:
        verdict = self.of_sheet.judge(row)
        if isinstance(verdict, ExcludedRow):
            return _Judged(Verdict(row.number, verdict.phone, verdict, row.cells), None)
        where = self.placing.place(verdict)
        if isinstance(where, ExcludedRow):
            return _Judged(Verdict(row.number, verdict.phone, where, row.cells), verdict.key)
        findings = (verdict.phone_column, verdict.passed_over, verdict.has_bad_email, cell_notes(verdict))
        return _Judged(Verdict(row.number, None, None, (), *findings), verdict.key)


def verdicts(
    loaded: Loaded, *, processes: int = 1, looks: Sequence[Callable[[Sequence[SheetRow]], None]] = ()
) -> Iterator[Verdict]:
    """Judge every row of the sheet once, in order: as a run would, without its ledger; *looks* see each first.

    With several *processes* the rows are read here and judged there. The memory this takes does not grow with the
    sheet. Raises `SheetError` when the file changed since it was opened, and `JudgingFailed` when a process ended
    before its work.
    """
    rows = _shown(chunks(loaded.sheet_rows(), CHUNK_ROWS), looks)
    judge = _RowJudge(loaded.judge, Placing(loaded))
    judged = _judge_here(judge, rows) if processes == 1 else _judge_there(judge, rows, processes)
    with remember_first_rows() as first_rows:
        for chunk in judged:
            yield from _first_only(chunk, first_rows)


def _shown(
    rows: Iterable[list[SheetRow]], looks: Sequence[Callable[[Sequence[SheetRow]], None]]
) -> Iterator[list[SheetRow]]:
    for chunk in rows:
        for look in looks:
            look(chunk)
        yield chunk


def _judge_here(judge: _RowJudge, rows: Iterable[list[SheetRow]]) -> Iterator[list[_Judged]]:
    return ([judge.judge(row) for row in chunk] for chunk in rows)


def _judge_there(judge: _RowJudge, rows: Iterable[list[SheetRow]], processes: int) -> Iterator[list[_Judged]]:
    """Send the chunks to *processes* and return their verdicts in the order of the sheet."""
    from concurrent.futures.process import (  # noqa: PLC0415 - 20 ms that a small sheet need not pay
        BrokenProcessPool,
        ProcessPoolExecutor,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - as above

    waiting: deque[Future[list[_Sent]]] = deque()
    # Spawned and not forked: a fork of a process with threads may never wake.
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_take_judge, initargs=(judge,)
    ) as pool:
        try:
            for chunk in rows:
                waiting.append(pool.submit(_judge_chunk, [(row.number, row.cells, dict(row.shown)) for row in chunk]))
                if len(waiting) > processes * AHEAD:
                    yield _received(waiting.popleft().result())
            while waiting:
                yield _received(waiting.popleft().result())
        except BrokenProcessPool as error:
            raise JudgingFailed(
                "A process that judges rows ended before its work, usually because memory ran out. Nothing is lost. Run"
                " the command again with --processes 1."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_judges: list[_RowJudge] = []
"""In a process of the pool: the judge it was given when it started."""


def _take_judge(judge: _RowJudge) -> None:
    collect_seldom()
    _judges[:] = [judge]


def _judge_chunk(rows: list[tuple[int, tuple[str, ...], dict[int, str | None]]]) -> list[_Sent]:
    (judge,) = _judges
    judged = (judge.judge(SheetRow(*row)) for row in rows)
    return [
        (item.verdict.row, item.key, *item.verdict[4:]) if item.key is not None and item.verdict.held is None else item
        for item in judged
    ]


def _received(sent: list[_Sent]) -> list[_Judged]:
    return [
        item if isinstance(item, _Judged) else _Judged(Verdict(item[0], None, None, (), *item[2:]), item[1])
        for item in sent
    ]


def _first_only(judged: list[_Judged], first_rows: FirstRows) -> Iterator[Verdict]:
    keys = [(first_rows.digest(item.key), item.verdict.row) for item in judged if item.key is not None]
    repeats = first_rows.find_repeats(keys)
    for item in judged:
        first = repeats.get(item.verdict.row) if item.key is not None else None
        yield item.verdict if first is None else item.verdict._replace(held=duplicate_of(first, item.verdict.phone))


def preview(loaded: Loaded, number: int) -> Contact | ExcludedRow | None:
    """Judge the row *number* by itself; `None` where the sheet has no such row."""
    row = next((row for row in loaded.sheet_rows() if row.number == number), None)
    if row is None:
        return None
    verdict = loaded.judge.judge(row)
    if isinstance(verdict, ExcludedRow):
        return verdict
    where = Placing(loaded).place(verdict)
    return where if isinstance(where, ExcludedRow) else verdict
