"""What to do about each reason to stop: said before a run, by `doctor`, and after a run that stopped early."""

from dataclasses import replace

from dialer.calls.outcome import Stop, StopCode
from dialer.errors import DialerError, LedgerUnreachable, LedgerWriteLost
from dialer.settings import Settings

_REMEDIES = {
    StopCode.KEY_REFUSED: "Put a key that this address accepts into {key}.",
    StopCode.NO_CREDIT: "Top up the account at the API.",
    StopCode.WRONG_ADDRESS: "Mend AICALLER_BASE_URL (now {address}), or leave it out.",
    StopCode.UNREACHABLE: "Look at the network, and at AICALLER_BASE_URL (now {address}).",
    StopCode.CERTIFICATE: "Mend AICALLER_BASE_URL (now {address}), or this machine's certificates.",
    StopCode.FAILURES_IN_A_ROW: "Mend what the last one says: it is seldom the rows.",
    StopCode.TOO_MANY_UNKNOWN: "Find out at the API why its replies are lost.",
    StopCode.CLOCK_WRONG: "Set this machine's clock.",
    StopCode.REPLY_DIFFERS: "Find out at the API why it makes other calls than it was asked for.",
    StopCode.ID_REPEATED: "Find out what repeats replies between here and the API, such as a cache.",
    StopCode.BUDGET_SPENT: "Raise max_calls or max_cost under [budget], or run dialer sync: short calls make room.",
}
"""Other stops need none, or their message says it: what was not sent waits for the next run."""


def with_remedy(stop: Stop, settings: Settings) -> Stop:
    """Return *stop* with what to do about it, under these *settings*: where the key comes from, which address it is."""
    remedy = _REMEDIES.get(stop.code, "").format(key=settings.key_source, address=settings.base_url)
    return replace(stop, remedy=remedy)


def ledger_stop(error: DialerError, message: str) -> Stop:
    """Return the stop for an *error* of the ledger; where its server is gone for a while, a run may go on by itself."""
    is_gone = isinstance(error, LedgerUnreachable | LedgerWriteLost)
    return Stop(StopCode.LEDGER_LOST if is_gone else StopCode.LEDGER_FAILED, message)
