"""How a run tells a row whose contact the ledger knows already. Pure."""

from typing import NamedTuple, Protocol

from dialer.ledger.schema import State
from dialer.status import REASONS, Reason, Status

ALREADY_MESSAGE = "An earlier run created this call; it is not created again."
PURGED_MESSAGE = "An earlier run created this call, before the campaign's people were purged; it is not created again."
INTERRUPTED_MESSAGE = "The run ended after this call was claimed and before its outcome was known. The call may exist."


class Told(NamedTuple):
    """What a run says of a row before it sends anything."""

    status: Status
    reason: str
    message: str


class Known(Protocol):
    """A contact as it stood before the run read its sheet: its state, why, and what has taken its place if anything."""

    state: str
    reason: str
    message: str
    replaced_by: int | None


def standing(before: Known | None) -> Told:
    """Tell a row by its contact; None for one that the ledger has never seen."""
    if before is None:
        return Told(Status.PENDING, Reason.WAITING, "")
    if before.replaced_by is not None:
        return Told(*REASONS[Reason.REPLACED][:1], Reason.REPLACED, "Its row was mended into another contact.")
    of_state = {
        State.CREATED: Told(Status.SKIPPED, Reason.ALREADY_CREATED, ALREADY_MESSAGE),
        # its own reason is that of an attempt before the one that is open
        State.CLAIMED: Told(Status.UNKNOWN, Reason.INTERRUPTED, INTERRUPTED_MESSAGE),
        State.UNKNOWN: Told(Status.UNKNOWN, before.reason, before.message),
    }
    return of_state.get(State(before.state), Told(Status.PENDING, Reason.WAITING, ""))
