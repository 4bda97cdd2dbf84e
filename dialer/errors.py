"""Everything `dialer` raises on purpose, as one tree.

    DialerError
    ├── CannotStart           nothing was sent; mend the input and run again (exit 2)
    │   ├── UsageError        the command line or a function's arguments
    │   ├── CampaignError     the campaign file
    │   ├── SettingsError     the environment: key, address
    │   ├── SheetError        the contact file, or a suppression file
    │   ├── PlanRefused       the plan does not fit before the campaign's end, or a plan file is out of date
    │   └── LedgerUnusable    the ledger cannot be opened, read or trusted
    │       └── LedgerUnreachable    its server gives no session, or has ended one
    ├── LedgerHeld            another run holds this campaign or ledger (exit 75)
    │   └── LedgerBusy        another command has kept the ledger's database to itself for too long
    ├── CampaignPaused        somebody has paused the campaign; nothing is sent until it is resumed (exit 5)
    ├── LockLost              the lock was lost while the work went on; nothing more was sent (exit 5)
    ├── LedgerWriteFailed     the disk refused a write; what was claimed stays claimed (exit 5)
    │   ├── LedgerConflict    another's transaction was in the way of a write; surely nothing of it was stored
    │   └── LedgerWriteLost   the server gave no session for a write, or ended it; it may have been stored
    ├── JudgingFailed         a process that judges rows ended before its work; nothing was sent (exit 5)
    ├── ResultsNotWritten     the results file; the ledger has everything (exit 5)
    ├── CallIdKnown           the ledger has the id of a call that is said to be new; the run ends, the call is unknown
    ├── BudgetSpent           a claim would pass the campaign's budget: it is not written, and the run ends (exit 5)
    ├── StopRequested         somebody has asked the run to stop: a claim is not written, and the run ends (exit 5)
    ├── NightDone             another run did the night between the look and the lock: it is not done again
    ├── NumberSuppressed      a number was suppressed between its plan and its claim; the run goes on without it
    ├── CreatedMeanwhile      a planned contact turned out to have its call; the run goes on without it
    └── TransitionRefused     a row was not in the state that a change leaves from: a bug (exit 1)

Messages say what happened, where, and how to mend it. They never hold a key, a whole phone number or a
message body. `dialer.exit_codes` is the one place where an error becomes an exit code.
"""

import re

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class DialerError(Exception):
    """The base of every error that `dialer` raises on purpose."""

    @property
    def code(self) -> str:
        """Its stable name in JSON, such as "lock_lost"."""
        return _WORD.sub("_", type(self).__name__).lower()


class CannotStart(DialerError):
    """Nothing was sent: the input has to be mended first."""


class UsageError(CannotStart):
    """The command line, or the arguments of a public function, cannot be used."""


class CampaignError(CannotStart):
    """The campaign file cannot be used; the message names the file, the key and the nearest right one."""


class SettingsError(CannotStart):
    """The environment lacks something, or holds something unusable."""


class SheetError(CannotStart):
    """A contact or suppression file cannot be read as its owner meant it."""


class PlanRefused(CannotStart):
    """The plan cannot be carried out: not everybody fits before the end, or a plan file no longer holds."""


class LedgerUnusable(CannotStart):
    """The ledger cannot be opened, is of a newer version, or is damaged."""


class LedgerUnreachable(LedgerUnusable):
    """The ledger's server gives no session, or has ended one: it may be there again soon."""


class LedgerHeld(DialerError):
    """Another run holds this campaign, or this ledger; the message says which."""


class CampaignPaused(DialerError):
    """The campaign is paused: nothing of it is sent; the message says who asked for it, and how it goes on."""


class LockLost(DialerError):
    """The lock of the ledger was lost while the work went on; the message says how."""


class LedgerWriteFailed(DialerError):
    """The ledger's disk refused a write (full, read-only, failing): nothing more may be sent."""


class LedgerConflict(LedgerWriteFailed):
    """Another's transaction was in the way: the server has taken all of this one back, and it may be repeated."""


class LedgerWriteLost(LedgerWriteFailed):
    """The ledger's server gave no session for a write, or ended it: it may be there again soon."""


class JudgingFailed(DialerError):
    """A process that judges rows of a large sheet was ended from outside."""


class ResultsNotWritten(DialerError):
    """The results file could not be written; nothing is lost, `dialer results` writes it anew."""


class LedgerBusy(LedgerHeld, LedgerWriteFailed, LedgerUnusable):
    """Another command has kept the ledger's database to itself for longer than anybody waits.

    Before anything is sent the command ends as any that is held off; what has sent calls bears it as a ledger that can
    neither be read nor written.
    """


class CallIdKnown(DialerError):
    """A reply brought an id that the ledger has already: it cannot be the new call's alone."""


class BudgetSpent(DialerError):
    """A claim would pass the campaign's budget: it is not written."""


class NightDone(DialerError):
    """Another run has done this night meanwhile; the message says which."""


class StopRequested(DialerError):
    """Somebody has asked the run to stop: a claim is not written."""


class NumberSuppressed(DialerError):
    """A number was put on the suppression list after its call was planned: it is not claimed, its row is skipped."""


class CreatedMeanwhile(DialerError):
    """A late outcome showed that a planned contact has its call: it is not claimed, its row is told as created."""


class TransitionRefused(DialerError):
    """A row was not in the state that the change leaves from; the ledger kept what it had."""
