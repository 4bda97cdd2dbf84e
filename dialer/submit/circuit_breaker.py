"""Decides from the run of outcomes when to stop sending, and when to look before sending on. Pure."""

from dialer.calls.outcome import Kind, Outcome, Stop, StopCode
from dialer.campaign.tables import Submit
from dialer.words import counted

OUTAGE_FAILURES = 5
"""So many connections failed or 5xx replies in a row mean that the API is down, and not that a call is bad."""

OUTAGE_SECONDS = 300.0
"""How long an outage is waited for before the run ends; its rows stay pending."""


class CircuitBreaker:
    """Counts what the workers of one run meet. Not shared between runs."""

    def __init__(self, settings: Submit) -> None:
        self._settings = settings
        self._failed_in_a_row = 0
        self._down_in_a_row = 0
        self._unknown = 0

    @property
    def is_down(self) -> bool:
        """Whether the API must be seen to answer before another call is claimed: the breaker is open."""
        return self._down_in_a_row >= OUTAGE_FAILURES

    def came_back(self) -> None:
        """Close the breaker: the API has answered."""
        self._down_in_a_row = 0

    def count(self, outcome: Outcome, *, final: bool) -> Stop | None:
        """Count one outcome, *final* when its call is not tried again; return a stop when it is one too many."""
        self._down_in_a_row = self._down_in_a_row + 1 if outcome.is_outage else 0
        self._unknown += outcome.kind == Kind.UNKNOWN
        self._failed_in_a_row = 0 if outcome.kind == Kind.CREATED else self._failed_in_a_row + final
        if outcome.stop is not None:
            return Stop(outcome.stop, outcome.why_stop)
        if self._unknown >= self._settings.max_unknown:
            message = f"{counted(self._unknown, 'call')} may or may not exist. Run `dialer reconcile`."
            message = f"{message} The last: {outcome.message}"
            return Stop(StopCode.TOO_MANY_UNKNOWN, message)
        if self._failed_in_a_row >= self._settings.max_failures_in_a_row:
            message = f"{counted(self._failed_in_a_row, 'call')} in a row failed. The last: {outcome.message}"
            return Stop(StopCode.FAILURES_IN_A_ROW, message)
        return None
