"""How a call stands, or has ended. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

CANCELLED = "cancelled"


COMPLETED = "completed"


FINAL = frozenset({"busy", "failed", "noAnswer", CANCELLED, COMPLETED})
"""Statuses after which nothing more happens to a call (the API's status page; that they are final is inferred)."""


GONE = "gone"
"""Not a word of the API's: what stands for the status of a call that it no longer knows."""


WATCHED = timedelta(days=7)
"""How long after its slot a call that has no final status is still asked about; its last word stays after that."""


EVALUATED = timedelta(minutes=5)
"""How long after its end a completed call is still asked about: what came of a talk may be known later than its end."""


class Code(StrEnum):
    """The status codes that something follows from; any other is kept as it is."""

    DO_NOT_CALL = "DO_NOT_CALL"
    CALL_LATER = "CALL_LATER"
    VOICEMAIL_DETECTED = "VOICEMAIL_DETECTED"
    IVR_DETECTED = "IVR_DETECTED"


_MACHINES = frozenset({Code.VOICEMAIL_DETECTED, Code.IVR_DETECTED})


def is_talk(status: str, status_code: str) -> bool:
    """Return whether a person answered: the API calls a call completed also where a voicemail or a menu did."""
    return status == COMPLETED and status_code not in _MACHINES


@dataclass(frozen=True, slots=True)
class Disposition:
    """How one call stands; instants in ms since the epoch, None where the API gave none or none that can be read.

    *status* and *status_code* are the API's own words. *results* are pairs of column name and value, in its order.
    `repr()` shows neither results nor recording.
    """

    call_id: str
    status: str
    status_code: str = ""
    call_later_ms: int | None = None
    duration_seconds: float | None = None
    triggered_at_ms: int | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    results: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    recording_url: str = field(default="", repr=False)

    def is_final(self, *, seen_at_ms: int) -> bool:
        """Return whether nothing more can become known of the call, as it was seen at *seen_at_ms*."""
        if self.status != COMPLETED or self.ended_at_ms is None:
            return self.status in FINAL
        return seen_at_ms - self.ended_at_ms >= EVALUATED // timedelta(milliseconds=1)

    @property
    def asks_never_again(self) -> bool:
        """Whether the person said not to be called any more."""
        return self.status_code == Code.DO_NOT_CALL


def gone(call_id: str) -> Disposition:
    """Return what is known of a call that the API no longer knows."""
    return Disposition(call_id, GONE)
