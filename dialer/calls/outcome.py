"""What one POST did: one of four outcomes, and what it asks of the whole run. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from dialer.reasons import Reason


class Kind(StrEnum):
    """What became of one attempt."""

    CREATED = "created"  # the call exists; its id is known
    REFUSED = "refused"  # the API said no: it does not exist
    NOT_SENT = "not_sent"  # it surely never reached the API, or the API surely put it off
    UNKNOWN = "unknown"  # it may exist


class StopCode(StrEnum):
    """Why a run ends before its rows do."""

    INTERRUPTED = "interrupted"
    STOP_REQUESTED = "stop_requested"
    PAUSED = "paused"
    KEY_REFUSED = "key_refused"
    NO_CREDIT = "no_credit"
    WRONG_ADDRESS = "wrong_address"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    FAILURES_IN_A_ROW = "failures_in_a_row"
    TOO_MANY_UNKNOWN = "too_many_unknown"
    PAUSE_TOO_LONG = "pause_too_long"
    CLOCK_WRONG = "clock_wrong"
    LEDGER_FAILED = "ledger_failed"
    LEDGER_LOST = "ledger_lost"
    LOCK_LOST = "lock_lost"
    FELL_BEHIND = "fell_behind"
    REPLY_DIFFERS = "reply_differs"
    ID_REPEATED = "id_repeated"
    BUDGET_SPENT = "budget_spent"
    EARLIER_CALLS_UNREAD = "earlier_calls_unread"
    SUPPRESSION_UNREADABLE = "suppression_unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one POST did, and what it asks of the whole run.

    *stop* ends the run, for the reason in *stop_message* or else in *message*; *pause_seconds* holds back every
    request, of every worker, for that long. *repeats* is the id in its reply that another call has as well.
    """

    kind: Kind
    reason: str = ""
    message: str = ""
    call_id: str | None = None
    http_status: int | None = None
    pause_seconds: float | None = None
    stop: StopCode | None = None
    stop_message: str = ""
    repeats: str | None = None

    @property
    def why_stop(self) -> str:
        """The sentence that tells people why it ends the run."""
        return self.stop_message or self.message

    @property
    def is_outage(self) -> bool:
        """Whether it speaks of an API that is down: no connection, or a reply of the class 5xx."""
        if self.http_status is not None:
            return self.http_status >= 500  # noqa: PLR2004 - the class of server errors
        return self.reason == Reason.NOT_SENT


def never_sent(why: str, *, reason: Reason = Reason.NOT_SENT, stop: StopCode | None = None) -> Outcome:
    """Judge a failure that provably came before the first byte of the request left."""
    return Outcome(Kind.NOT_SENT, reason, f"Not sent: {why}.", stop=stop)


def no_reply(why: str) -> Outcome:
    """Judge a failure that came after the request began to leave: the call may exist."""
    return Outcome(Kind.UNKNOWN, Reason.NO_REPLY, f"Sent, but no whole reply came: {why}. The call may exist.")


def repeated_id(created: Outcome) -> Outcome:
    """Judge a reply with the id of another call: which of the two the id is, and whether both exist, nobody knows."""
    what = f"The API answered with the id of an earlier call, {created.call_id}."
    stop = (
        f"{what} Nobody knows which of them the id is of, so every call of this run that was answered with it counts as"
        " unknown. Something between here and the API repeats its replies; nothing more is sent."
    )
    return Outcome(
        Kind.UNKNOWN,
        Reason.ID_REPEATED,
        f"{what} The call may exist.",
        http_status=created.http_status,
        stop=StopCode.ID_REPEATED,
        stop_message=stop,
        repeats=created.call_id,
    )


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the run ended early, in one sentence for people; *remedy* is what to do first, "" where there is nothing."""

    code: StopCode
    message: str
    remedy: str = ""

    @property
    def told(self) -> str:
        """The sentence and its remedy."""
        return f"{self.message} {self.remedy}".strip()

    def as_json(self) -> "StopJson":
        """Return the object that `--json` prints."""
        return {"code": self.code, "message": self.message}


class StopJson(TypedDict):
    """Why a run stopped early."""

    code: StopCode
    message: str
