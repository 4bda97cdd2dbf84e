"""After a run there is one next step: the most urgent one, with a command that can be copied as it is."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from typer.main import get_command

from dialer.cli.main import app
from dialer.reasons import Reason, Status
from dialer.results.next_step import NOTHING_TO_DO, NextStep, Situation, next_step

CAMPAIGN = "my campaigns/spring.toml"
FILE = Path("/home/ada/my results/spring.xlsx")
SETTLED = (Status.CREATED, Status.SKIPPED)


def after(reason: str, status: Status, rows: int = 7) -> NextStep:
    """Return what is next where *rows* have this reason, and all others were called."""
    return next_step(Situation(CAMPAIGN, {Status.CREATED: 9, status: rows}, {reason: rows}, results=FILE))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_leads_to_a_command_that_exists_or_to_nothing(reason: Reason) -> None:
    """No reason is forgotten: what is settled needs nothing, all else has a job of this program, on this campaign."""
    step = after(reason, reason.status)
    if reason.status in SETTLED:
        assert step == NOTHING_TO_DO
        return
    program, job, campaign, *_ = shlex.split(step.command)

    assert (program, campaign) == ("dialer", CAMPAIGN)
    assert job in get_command(app).list_commands(None)  # type: ignore[attr-defined]
    assert step.text.startswith(("7 ", "The API does not list 7 calls"))
    assert str(step) == f"{step.text} Next: {step.command}"


@pytest.mark.parametrize("reason", list(Reason))
def test_one_row_is_told_as_one(reason: Reason) -> None:
    """No sentence has one row do what many do."""
    assert not re.search(r"\b1 \w+ (?:wait|have|were|are)\b", after(reason, reason.status, rows=1).text)


@pytest.mark.parametrize(
    ("reason", "status", "command"),
    [
        ("phone_invalid", Status.REJECTED, f"dialer retry '{CAMPAIGN}' --from '{FILE}'"),
        ("api_400", Status.FAILED, f"dialer retry '{CAMPAIGN}' --from '{FILE}'"),
        ("not_sent", Status.FAILED, f"dialer retry '{CAMPAIGN}'"),
        ("api_500", Status.UNKNOWN, f"dialer reconcile '{CAMPAIGN}'"),
        ("not_found", Status.UNKNOWN, f"dialer reconcile '{CAMPAIGN}' --release"),
        ("two_matches", Status.UNKNOWN, f"dialer reconcile '{CAMPAIGN}' --decide ROW=CALL_ID"),
        ("beyond_horizon", Status.PENDING, f"dialer run '{CAMPAIGN}'"),
        ("no_slot", Status.PENDING, f"dialer plan '{CAMPAIGN}'"),
        ("slot_passed", Status.PENDING, f"dialer plan '{CAMPAIGN}' --output plan.csv"),
    ],
)
def test_each_kind_has_its_command(reason: str, status: Status, command: str) -> None:
    """Paths with blanks are quoted as a shell wants them."""
    assert after(reason, status).command == command


URGENT = [
    ("two_matches", Status.UNKNOWN),
    ("no_reply", Status.UNKNOWN),
    ("phone_invalid", Status.REJECTED),
    ("not_sent", Status.FAILED),
    ("slot_passed", Status.PENDING),
    ("no_slot", Status.PENDING),
    ("cap_reached", Status.PENDING),
    ("beyond_limit", Status.PENDING),
]


@pytest.mark.parametrize("first", range(len(URGENT)))
def test_the_most_urgent_comes_first(first: int) -> None:
    """A call in doubt before a row to mend, that before one to retry, that before those that wait."""
    statuses: dict[Status, int] = {}
    for _, status in URGENT[first:]:
        statuses[status] = statuses.get(status, 0) + 7
    both = next_step(Situation(CAMPAIGN, statuses, {reason: 7 for reason, _ in URGENT[first:]}, results=FILE))

    assert both.command == after(*URGENT[first]).command


def test_a_run_that_stopped_goes_on_once_that_is_mended() -> None:
    """After the calls in doubt, before all else."""
    stopped = {Status.PENDING: 5, Status.REJECTED: 1}

    assert next_step(Situation(CAMPAIGN, stopped, is_stopped=True)).command == f"dialer run '{CAMPAIGN}'"
    mend = next_step(Situation(CAMPAIGN, stopped, is_stopped=True, remedy="Set this machine's clock."))
    assert mend.text == "Set this machine's clock. What was not sent waits."
    doubt = stopped | {Status.UNKNOWN: 1}
    assert next_step(Situation(CAMPAIGN, doubt, is_stopped=True)).command == f"dialer reconcile '{CAMPAIGN}'"


def test_those_who_wait_are_told_until_when() -> None:
    """By the clock of whoever is next; where nobody knows, later."""
    waiting, reasons = {Status.PENDING: 26}, {"beyond_horizon": 26}
    known = next_step(Situation("spring", waiting, reasons, resumes="Fri 2026-11-27 09:00 EST"))

    assert str(known) == (
        "26 rows wait for the next window: run again after Fri 2026-11-27 09:00 EST. Next: dialer run spring"
    )
    assert "run again later" in next_step(Situation("spring", waiting, reasons)).text


def test_a_rehearsal_goes_on_as_one() -> None:
    """Whoever copies the command calls nobody by it."""
    rejected = {Status.REJECTED: 1}

    assert next_step(Situation("spring", rejected, results=FILE, is_rehearsal=True)).command.endswith(" --sandbox")


@pytest.mark.parametrize("results", [None, Path("r.json"), Path("r.csv")])
def test_without_a_file_to_mend_one_is_written_first(results: Path | None) -> None:
    """JSON is for programs, and spreadsheet programs change numbers of a CSV: a person works in a workbook."""
    step = next_step(Situation("spring", {Status.REJECTED: 2}, results=results))

    assert step.command == "dialer results spring --results mend.xlsx"
    assert step.as_json() == {"text": step.text, "command": step.command}


def test_calls_that_nobody_asked_about_are_asked_about() -> None:
    """Before more people are called."""
    assert next_step(Situation("spring", {Status.PENDING: 1}, not_asked=3)).command == "dialer sync spring"


def test_due_redials_are_named_and_later_ones_too() -> None:
    """Who is to be called again is work for the next run: not nothing to do, though every contact has its call."""
    done = Situation("spring", {Status.CREATED: 5})
    due = next_step(replace(done, redials_due=2, redials_waiting=1, redials_from="2026-11-23T21:00:00.000Z"))
    assert (due.text[:32], due.command) == ("2 contacts to be called again: t", "dialer run spring")
    later = next_step(replace(done, redials_waiting=1, redials_from="2026-11-23T21:00:00.000Z"))
    assert later.text == "1 contact to be called again later: run after 2026-11-23T21:00:00.000Z."
    assert next_step(done).command == ""
