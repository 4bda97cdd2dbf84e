"""A run that takes over what the last one has judged comes to just what a reading comes to."""

from collections import Counter
from pathlib import Path

import pytest

from tests.jobs.intake.twice_read import Story, differences
from tests.jobs.planning.kept_slots import breaches

STORIES = 12
FEWEST_TAKEN_OVER = 0.5
"""The share of the stories whose last run has to take its rows over, or they prove nothing."""


@pytest.mark.slow
def test_rows_taken_over_are_as_rows_read(tmp_path: Path) -> None:
    """Whatever happened before: verdicts, contacts, numbers, slots, notes and reported rows are those of a reading.

    A run that may keep a killed one's slots tells the same, and plans within the hours, the pace and the caps.
    """
    came_to: Counter[bool] = Counter()
    for seed in range(STORIES):
        story = Story(seed, _folder(tmp_path, seed))
        story.live()
        free, read = (story.begun(reads=reads, name=f"{reads}.db") for reads in (False, True))
        assert not list(differences(free, read)), f"seed {seed}"
        assert read.has_read
        kept = story.begun(reads=False, name="kept.db", keeps=True)
        assert not list(breaches(kept, read, story.window)), f"seed {seed}"
        came_to[free.has_read] += 1
    assert came_to[False] > FEWEST_TAKEN_OVER * STORIES


def _folder(path: Path, seed: int) -> Path:
    folder = path / str(seed)
    folder.mkdir()
    return folder
