"""The parts of the program that a story is played with; the sound ones, unless a bug is planted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dialer.api.client import Client
from tests.simulation.disk import SimulatedWriter
from tests.simulation.weather import Weather


@dataclass(frozen=True)
class Parts:
    """The parts of the program that a story is played with; a planted bug replaces one of them.

    A bug also names the *kind* of story in which it shows, and makes the weather *worse* in that it shows more often.
    """

    client: type[Client] = Client
    writer: type[SimulatedWriter] = SimulatedWriter
    before_run: Callable[[Path], None] = lambda _ledger: None
    kind: str | None = None
    worse: Callable[[Weather], Weather] = lambda weather: weather


SOUND = Parts()
