"""Plays the stories of seeds, one or many, each in a folder of its own."""

import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.parts import SOUND, Parts
from tests.simulation.story import Story

MEMORY = Path("/dev/shm")  # noqa: S108 - each story has a fresh folder of its own in it


@dataclass(frozen=True)
class Played:
    """What came of one seed: *broken* tells how a promise was broken, with the trace; "" when none was."""

    seed: int
    happened: Counter[str]
    told: str
    broken: str = ""


def play(seed: int, parts: Parts = SOUND) -> Story:
    """Play one seed's story. What it raises carries the trace as a note."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        story = Story(seed, Path(folder), parts)
        try:
            story.play()
        except Exception as error:
            error.add_note(f"seed {seed}\n{story.world.told()}")
            raise
    return story


def played(seed: int) -> Played:
    """Play one seed's story, and tell instead of raising."""
    try:
        world = play(seed).world
    except Exception as error:  # noqa: BLE001 - the other seeds are worth playing too
        return Played(seed, Counter(), "", "".join(traceback.format_exception(error)))
    return Played(seed, world.happened, f"seed {seed}: {world.fingerprint[:16]}\n{world.told()}\n")


def play_all(seeds: Iterable[int]) -> Iterator[Played]:
    """Play many seeds, as many at once as there are processors, and return them in order."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(played, seeds, chunksize=5)
