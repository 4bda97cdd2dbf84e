"""Decides the one thing to do next, from what became of the rows. Pure."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import TypedDict

from dialer.reasons import Reason, Status
from dialer.words import counted, verb

_BY_HAND = (Reason.TWO_MATCHES, Reason.REPLY_DIFFERS)
_SENT_AGAIN = (Reason.NOT_SENT, Reason.RELEASED)
_OF_A_PLAN = (Reason.SLOT_PASSED, Reason.NOT_IN_PLAN)
_OWN_STEP = (
    Reason.NO_SLOT,
    Reason.BUDGET_SPENT,
    Reason.PILOT_WAITS,
    Reason.BEYOND_LIMIT,
    Reason.CALLED_BEFORE_ELSEWHERE,
    *_OF_A_PLAN,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What became of the rows of *campaign*, a name or a file as it is given to commands.

    *reasons* are of all rows; *results* is the file that was written, *is_stopped* tells that the run ended early,
    *remedy* what to do about that. *resumes* is when a later run calls more people, "" where nobody knows. *mended*
    rows wait for a retry; *not_asked* calls rang, and nobody asked about their end; *is_rehearsal*: all was done with
    `--sandbox`. *redials_due* contacts are to be called again now, *redials_waiting* from *redials_from* on.
    """

    campaign: str
    statuses: Mapping[Status, int]
    reasons: Mapping[str, int] = field(default_factory=dict)
    results: Path | None = None
    is_stopped: bool = False
    remedy: str = ""
    resumes: str = ""
    mended: int = 0
    not_asked: int = 0
    is_rehearsal: bool = False
    redials_due: int = 0
    redials_waiting: int = 0
    redials_from: str = ""


class NextStepJson(TypedDict):
    """What to do next, and its command."""

    text: str
    command: str | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, in a sentence that ends with the *command*, which can be copied as it is; "" where there is none."""

    text: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.text} Next: {self.command}" if self.command else self.text

    def as_json(self) -> NextStepJson:
        """Return the object that `--json` prints."""
        return {"text": self.text, "command": self.command or None}


NOTHING_TO_DO = NextStep("Every contact has its call. Nothing to do.")


def next_step(now: Situation) -> NextStep:
    """Return the most urgent step: calls in doubt, then rows to mend, to retry, to plan, and those that wait."""
    return next(_steps(now), NOTHING_TO_DO)


def _steps(now: Situation) -> Iterator[NextStep]:
    count = {reason: now.reasons.get(reason, 0) for reason in Reason}
    unknown, failed = now.statuses.get(Status.UNKNOWN, 0), now.statuses.get(Status.FAILED, 0)
    if by_hand := sum(count[reason] for reason in _BY_HAND):
        text = (
            f"{counted(by_hand, 'row')} may have a call that no listing settles: look at the API, then say which it is."
        )
        yield NextStep(text, _command(now, "reconcile", "--decide", "ROW=CALL_ID"))
    if unknown and unknown == count[Reason.NOT_FOUND]:
        text = f"The API does not list {counted(unknown, 'call')}: look there, then free the rows."
        yield NextStep(text, _command(now, "reconcile", "--release"))
    if unknown:
        text = f"{counted(unknown, 'call')} may or may not exist, and no run sends {verb(unknown, 'it', 'them')} again."
        yield NextStep(text, _command(now, "reconcile"))
    if now.is_stopped:
        yield NextStep(f"{now.remedy} What was not sent waits.".strip(), _command(now, "run"))
    sent_again = sum(count[reason] for reason in _SENT_AGAIN)
    if to_mend := now.statuses.get(Status.REJECTED, 0) + max(0, failed - sent_again):
        yield _mend(now, to_mend)
    if again := sent_again + now.mended:
        yield NextStep(f"{counted(again, 'row')} can be sent again without a change.", _command(now, "retry"))
    if now.not_asked:
        text = f"{counted(now.not_asked, 'call')} rang, and nobody asked about the end."
        yield NextStep(text, _command(now, "sync"))
    yield from _steps_of_pending(now, count)


def _steps_of_pending(now: Situation, count: Mapping[Reason, int]) -> Iterator[NextStep]:
    if of_a_plan := sum(count[reason] for reason in _OF_A_PLAN):
        text = f"{_rows(of_a_plan, 'has', 'have')} no slot in the plan file that can still be kept: plan anew."
        yield NextStep(text, _command(now, "plan", "--output", "plan.csv"))
    if no_slot := count[Reason.NO_SLOT]:
        text = f"{_rows(no_slot, 'has', 'have')} no permitted time before the campaign's end: see what would give one."
        yield NextStep(text, _command(now, "plan"))
    if spent := count[Reason.BUDGET_SPENT]:
        text = f"{_rows(spent, 'waits', 'wait')} because the budget is spent: raise it under [budget]."
        yield NextStep(text, _command(now, "run"))
    if held := count[Reason.PILOT_WAITS]:
        text = f"{_rows(held, 'waits', 'wait')} until the pilot's calls have ended: run again then."
        yield NextStep(text, _command(now, "run"))
    if elsewhere := count[Reason.CALLED_BEFORE_ELSEWHERE]:
        text = (
            f"{_rows(elsewhere, 'has', 'have')} a call at the API that this ledger has not"
            " made: restore the ledger that made it, or call these people all the same."
        )
        yield NextStep(text, _command(now, "run", "--accept-earlier-calls"))
    if waiting := now.statuses.get(Status.PENDING, 0) - sum(count[reason] for reason in _OWN_STEP):
        when = f"run again after {now.resumes}" if now.resumes else "run again later"
        text = f"{_rows(waiting, 'waits', 'wait')} for the next window: {when}."
        yield NextStep(text, _command(now, "run"))
    if now.redials_due:
        text = f"{counted(now.redials_due, 'contact')} to be called again: their last call ended as [redial] says."
        yield NextStep(text, _command(now, "run"))
    if count[Reason.BEYOND_LIMIT]:
        beyond = count[Reason.BEYOND_LIMIT]
        text = f"{_rows(beyond, 'was', 'were')} left out by --limit."
        yield NextStep(text, _command(now, "run"))
    if now.redials_waiting:
        text = f"{counted(now.redials_waiting, 'contact')} to be called again later: run after {now.redials_from}."
        yield NextStep(text, _command(now, "run"))


def _rows(count: int, one: str, many: str) -> str:
    return f"{counted(count, 'row')} {verb(count, one, many)}"


def _mend(now: Situation, rows: int) -> NextStep:
    """Return how to mend rows: in the workbook of results that was written, else in one that is to be written.

    Spreadsheet programs take texts of a CSV file for numbers, and save what they made of them.
    """
    if now.results is None or now.results.suffix.lower() != ".xlsx":
        text = f"{counted(rows, 'row')} to mend: edit a workbook of them, then give it to `dialer retry --from`."
        return NextStep(text, _command(now, "results", "--results", "mend.xlsx"))
    text = f"{counted(rows, 'row')} to mend: edit {shlex.quote(str(now.results))}, and give it back."
    return NextStep(text, _command(now, "retry", "--from", str(now.results)))


def _command(now: Situation, job: str, *arguments: str) -> str:
    sandbox = ["--sandbox"] if now.is_rehearsal else []
    return shlex.join(["dialer", job, now.campaign, *arguments, *sandbox])
