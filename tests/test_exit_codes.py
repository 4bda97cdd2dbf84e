"""Every error ends a command with the code that the README's table gives its case, by night as by hand."""

import ast
import inspect
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from dialer import errors
from dialer.errors import DialerError
from dialer.exit_codes import EXIT_CODES, GOOD_EXITS, exit_code_of
from dialer.jobs.runtime import Runtime
from dialer.nightly.folder import run_nightly
from dialer.settings import Settings
from tests.support import ANY_HOUR, FAST, CampaignFolder, FakeClock

T = TypeVar("T")
ROOT = Path(__file__).parents[1]

CODES = {
    "DialerError": 1,
    "CannotStart": 2,
    "UsageError": 2,
    "CampaignError": 2,
    "SettingsError": 2,
    "SheetError": 2,
    "PlanRefused": 2,
    "LedgerUnusable": 2,
    "LedgerUnreachable": 2,
    "LedgerHeld": 75,
    "CampaignPaused": 5,
    "LedgerConflict": 5,
    "LedgerWriteFailed": 5,
    "LedgerWriteLost": 5,
    "LedgerBusy": 75,
    "LockLost": 5,
    "JudgingFailed": 5,
    "ResultsNotWritten": 5,
    "BudgetSpent": 1,  # the submitter ends the run
    "CallIdKnown": 1,  # the submitter makes the call unknown
    "CreatedMeanwhile": 1,  # as the next
    "StopRequested": 1,  # as BudgetSpent
    "NightDone": 1,  # a night takes it for done
    "NumberSuppressed": 1,  # a run goes on without the number: one that gets as far as here is a bug
    "TransitionRefused": 1,
}
"""The code of each error, as the tree in `dialer.errors` and the table in the README tell it."""


def error_named(name: str) -> DialerError:
    """Make an error of the class with this name."""
    made = getattr(errors, name)("what happened")
    assert isinstance(made, DialerError)
    return made


def test_every_error_has_its_code() -> None:
    """No class of error is without a code in the table above, and each code is one of the README's."""
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value)}

    assert set(CODES) == classes
    assert {name: exit_code_of(error_named(name)) for name in CODES} == CODES
    assert set(CODES.values()) <= set(EXIT_CODES)


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("a bug"), KeyError("a bug")], ids=type)
def test_an_error_that_nobody_expected_is_a_bug(error: Exception) -> None:
    """What the package does not raise on purpose is never taken for a case that a person can mend."""
    assert exit_code_of(error) == 1


def test_a_night_that_ended_in_an_error_is_never_a_good_one() -> None:
    """The alarm for nights that did not go well is not silenced by an error."""
    assert GOOD_EXITS.isdisjoint(CODES.values())


@pytest.mark.parametrize("name", sorted(CODES.keys() - {"NightDone"}))  # which a night takes for its end
def test_a_night_ends_as_the_command_would(folder: CampaignFolder, name: str) -> None:
    """Whatever goes wrong with a campaign at night is told by the code with which a command would end."""

    def failing(main: Coroutine[Any, Any, T], /) -> T:
        main.close()
        raise error_named(name)

    folder.campaign(f'{ANY_HOUR}{FAST}[nightly]\nenabled = true\nat = "17:00"\n')
    settings = Settings(api_key=SecretStr("a-key"))
    summary = run_nightly(folder.path, runtime=Runtime(settings=settings, clock=FakeClock(), runner=failing))

    assert [night.exit_code for night in summary.nights] == [CODES[name]]
    assert summary.exit_code == CODES[name]


def test_one_function_gives_the_codes() -> None:
    """Wherever one of the package's errors ends a night, `exit_code_of` gives its code, as it does for commands."""
    handlers = [
        node
        for node in ast.walk(ast.parse((ROOT / "dialer/nightly/campaign_night.py").read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is not None and ast.unparse(node.type) == "DialerError"
    ]
    assert handlers
    for handler in handlers:
        called = {ast.unparse(node.func) for node in ast.walk(handler) if isinstance(node, ast.Call)}
        assert "exit_code_of" in called
