"""Altered files of every kind are read or refused: a small share of what `python -m tests.fuzz` does."""

from pathlib import Path

import pytest

from tests.fuzz.reading import inputs, read_or_refused


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "count"), [(".xlsx", 12), (".ods", 60), (".csv", 200), (".xlsb", 4), (".xls", 8)])
def test_altered_files_are_read_or_refused(tmp_path: Path, suffix: str, count: int) -> None:
    """Both happens; and nothing else, which a failure tells with the seed in the name of its file."""
    outcomes = {read_or_refused(path) for _, path in inputs(tmp_path, suffix, range(count))}
    assert outcomes == {True, False}
