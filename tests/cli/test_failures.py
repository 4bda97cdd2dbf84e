"""Errors as a program reads them: one object with a stable code, the sentence, how to mend it, and the exit code."""

import json

import pytest

from dialer import errors
from dialer.cli.failures import failure_of, wants_json
from dialer.errors import CampaignPaused, DialerError, UsageError
from dialer.exit_codes import exit_code_of
from tests.cli.command_line import dialer
from tests.support import CampaignFolder

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DialerError)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_its_code(kind: type[DialerError]) -> None:
    """The code is the class in small letters, the exit code that of the command, the rest of the message the remedy."""
    told = failure_of(kind("There is no such thing. Make one. Then look again.")).as_json()
    assert told["error"]["code"].replace("_", "") == kind.__name__.lower()
    assert told["error"]["remedy"] == "Make one. Then look again."
    assert told["exit_code"] == exit_code_of(kind("x"))


def test_a_command_to_give_next_is_the_remedy() -> None:
    """What a message ends with after `Next:` can be given as it is; a single sentence has no remedy."""
    assert failure_of(CampaignPaused("It is paused. Next: dialer resume spring")).remedy == "dialer resume spring"
    assert failure_of(UsageError("Nothing to do.")).remedy is None


def test_a_foreign_error_shows_nothing_of_its_own() -> None:
    """Its message may hold a number or a key."""
    told = json.dumps(failure_of(ValueError("+12125550100")).as_json())
    assert "5550100" not in told
    assert json.loads(told)["error"]["code"] == "bug"


def test_json_is_wanted_before_the_end_of_options_only() -> None:
    """What comes after `--` is no option."""
    assert wants_json(["status", "--json"])
    assert not wants_json(["status", "--", "--json"])
    assert not wants_json([])


def test_errors_are_one_object_on_stdout(folder: CampaignFolder) -> None:
    """A wrong option and an error of the job: an object on stdout, nothing on stderr, and the exit code in it."""
    for arguments, code in ((("run", folder.campaign_file), "usage_error"), (("status", "--no-such"), "usage_error")):
        ended = dialer(*arguments, "--json")
        told = json.loads(ended.stdout)
        assert (ended.returncode, ended.stderr) == (2, "")
        assert (told["schema_version"], told["exit_code"], told["error"]["code"]) == (1, 2, code)
        assert told["error"]["message"]
