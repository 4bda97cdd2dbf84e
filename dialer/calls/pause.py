"""A run's pauses: a while in which it claims nothing and sends nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from typing_extensions import TypedDict

from dialer.clock import iso_ms


class PauseReason(StrEnum):
    """Why a run sends nothing for a while, and what that means."""

    meaning: str

    # The default is never used: mypy takes `PauseReason("asked")`, which looks a member up, for making one.
    def __new__(cls, code: str, meaning: str = "") -> Self:
        """Make a member whose value is *code*."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    ASKED = "asked", "somebody has paused the campaign"
    API = "api", "the API asked to wait"
    OUTAGE = "outage", "the API does not answer"
    SUPPRESSION = "suppression", "a suppression file cannot be read"


# `from` is no name in Python.
PauseJson = TypedDict("PauseJson", {"reason": PauseReason, "from": str, "until": str | None, "message": str})


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause, from an instant (ms) until another, which is None while it goes on and nobody knows its end.

    *message* says more than the reason: who asked for it, or how long the API asked to wait.
    """

    reason: PauseReason
    from_ms: int
    until_ms: int | None = None
    message: str = ""

    @property
    def described(self) -> str:
        """Why the run sends nothing, and until when where anybody knows."""
        until = "" if self.until_ms is None else f", until {iso_ms(self.until_ms)}"
        return f"{self.reason.meaning}{until}" + (f" ({self.message.rstrip('.')})" if self.message else "")

    def as_json(self) -> PauseJson:
        """Return the object that `--json` prints."""
        until = None if self.until_ms is None else iso_ms(self.until_ms)
        return {"reason": self.reason, "from": iso_ms(self.from_ms), "until": until, "message": self.message}
