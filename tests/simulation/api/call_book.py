"""The calls of the simulated API, created and still to come: everything is judged by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.clock import to_ms
from tests.simulation.world import World


@dataclass(frozen=True)
class Created:
    """A call that exists. *arrived_ms*: when its request reached the API; *made_ms*: since when it exists."""

    call_id: str
    phone: str
    slot_ms: int
    arrived_ms: int
    made_ms: int
    in_run: int


@dataclass(frozen=True)
class _Accepted:
    """A request that the API has, and will turn into a call at *due*."""

    body: Mapping[str, Any]
    arrived_ms: int
    due: float
    in_run: int


class CallBook:
    """What the API knows of calls. *run* is the number of the process that it hears of now.

    Of the ids in *created*: those of *refused* were answered with a refusal, and so were the batches of
    *of_refused_batches*; those of *shifted*, with their run, lie at another time than asked; of *unanswered* no
    process has heard.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._late: list[_Accepted] = []
        self.run = 0
        self.created: list[Created] = []
        self.shifted: dict[str, int] = {}
        self.refused: set[str] = set()
        self.of_refused_batches: set[str] = set()
        self.unanswered: list[str] = []

    @property
    def awaited(self) -> set[str]:
        """The numbers whose calls will still appear."""
        return {item.body["toPhoneNumber"] for item in self._late}

    def accept(self, body: Mapping[str, Any], delay: float) -> None:
        """Take a request that becomes a call after *delay* seconds."""
        self._late.append(_Accepted(body, self._world.now_ms(), self._world.seconds + delay, self.run))

    def settle_everything(self) -> None:
        """Turn everything that is due into calls."""
        for item in [item for item in self._late if item.due <= self._world.seconds]:
            self._late.remove(item)
            self.unanswered.append(self._make(item.body, item.arrived_ms, item.in_run))

    def make(self, body: Mapping[str, Any]) -> str:
        """Create a call that has just been asked for, and return its id."""
        return self._make(body, self._world.now_ms(), self.run)

    def _make(self, body: Mapping[str, Any], arrived_ms: int, in_run: int) -> str:
        slot_ms = to_ms(datetime.fromisoformat(body["callDelayedUntil"]))
        call_id = f"call-{len(self.created)}"
        phone = body["toPhoneNumber"]
        self.created.append(Created(call_id, phone, slot_ms, arrived_ms, self._world.now_ms(), in_run))
        self._world.note("created", f"{call_id} {person_of(body)} {body['callDelayedUntil']}")
        return call_id


def person_of(body: Mapping[str, Any]) -> str:
    """Return whom a request is for, as the trace tells it."""
    return str(body["nameOfHuman"])
