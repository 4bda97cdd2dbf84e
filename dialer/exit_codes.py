"""Every exit code of `dialer`, and the one place where an error becomes one."""

from dialer.errors import (
    CampaignPaused,
    CannotStart,
    DialerError,
    JudgingFailed,
    LedgerHeld,
    LedgerWriteFailed,
    LockLost,
    ResultsNotWritten,
)

EXIT_CODES: dict[int, str] = {
    0: "done; every eligible row within the horizon was created",
    1: "a bug or an unexpected failure",
    2: "usage, campaign or sheet cannot be used: nothing was sent",
    3: "done, and some rows failed, were rejected, were held, or found no time before the campaign's end",
    4: "some rows are unknown (wins over 3)",
    5: "stopped early (asked to, paused, key refused, no credit, failures, disk full…): unsent rows stay pending",
    75: "another run holds this campaign or, for work on the whole ledger, any run; or a command keeps the ledger busy",
    130: "interrupted by Ctrl-C; in-flight requests were finished, the rest stays pending",
    143: "as 130, by SIGTERM",
}
"""Every exit code of `dialer` and its meaning."""

EXIT_OK, EXIT_BUG, EXIT_USAGE, EXIT_FAILED_ROWS, EXIT_UNKNOWN, EXIT_STOPPED, EXIT_HELD = 0, 1, 2, 3, 4, 5, 75
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
SIGNAL_EXIT = 128
"""A run ended by signal n exits with 128 + n, as shells report it."""

GOOD_EXITS = frozenset({EXIT_OK, EXIT_FAILED_ROWS})
"""A night that ended so is done: rows that have to be mended wait for a person, not for another start."""

_CODE_OF_ERROR: tuple[tuple[type[DialerError], int], ...] = (
    (LedgerHeld, EXIT_HELD),  # first: a busy ledger is an unusable one as well
    (CannotStart, EXIT_USAGE),
    (CampaignPaused, EXIT_STOPPED),
    (LedgerWriteFailed, EXIT_STOPPED),
    (LockLost, EXIT_STOPPED),
    (JudgingFailed, EXIT_STOPPED),
    (ResultsNotWritten, EXIT_STOPPED),
)


def exit_code_of(error: Exception) -> int:
    """Return the code with which a command that raised *error* ends; an error that is not listed is a bug."""
    return next((code for kind, code in _CODE_OF_ERROR if isinstance(error, kind)), EXIT_BUG)
