"""`dialer purge`, and `dialer status --adopt`, from outside: exit codes, streams, a terminal that answers."""

import json
import shutil
from pathlib import Path

import pytest

from dialer.sandbox import Faults, Sandbox
from tests.cli.command_line import dialer, on_terminal
from tests.support import CampaignFolder, number

pytestmark = pytest.mark.slow


def run_once(folder: CampaignFolder) -> Path:
    """Run the campaign and return its results file."""
    with Sandbox() as sandbox:
        return Path(dialer("run", folder.campaign_file, "--yes", url=sandbox.url).stdout.strip())


def test_without_a_terminal_yes_is_wanted(folder: CampaignFolder) -> None:
    """No script erases people that did not say `--yes`."""
    results = run_once(folder)
    ended = dialer("purge", folder.campaign_file)
    assert ended.returncode == 2
    assert "--yes" in ended.stderr
    assert results.exists()


def test_purge_tells_what_it_erased_and_what_it_cannot(folder: CampaignFolder) -> None:
    """The sentence counts contacts, rows and files; `--json` holds the same as one object; no number is told."""
    results = run_once(folder)
    ended = dialer("purge", folder.campaign_file, "--yes")
    assert ended.returncode == 0
    assert not results.exists()
    assert ended.stdout == ""
    assert "3 contacts, 3 sheet rows, 1 file. Remembered as called, by keyed hash: 3 contacts" in ended.stderr
    assert "backups" in ended.stderr
    assert number(0)[2:] not in ended.stderr
    again = json.loads(dialer("purge", folder.campaign_file, "--yes", "--json").stdout)
    keys = {"campaign", "contacts", "sheet_rows", "runs", "files", "remembered", "exit_code"}
    assert set(again) == {*keys, "schema_version"}
    assert (again["runs"], again["sheet_rows"], again["remembered"]) == (1, 0, 0)
    status = dialer("status", folder.campaign_file)
    assert "3 called and erased" in status.stdout


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("y", 0)])
def test_on_a_terminal_it_asks(folder: CampaignFolder, answer: str, code: int) -> None:
    """A person sees how many would go, and decides."""
    results = run_once(folder)
    ended, shown = on_terminal("purge", folder.campaign_file, answer=f"{answer}\n")
    assert ended == code
    assert "To be erased: campaign, 3 contacts, 3 sheet rows, 1 file." in shown
    assert results.exists() == (answer == "n")


def test_calls_in_doubt_want_force(folder: CampaignFolder) -> None:
    """Unknown calls end a purge with exit 2 and the way out; `--force` erases them too."""
    with Sandbox(faults=Faults(drop_after=1.0)) as sandbox:
        dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
    held = dialer("purge", folder.campaign_file, "--yes")
    forced = dialer("purge", folder.campaign_file, "--yes", "--force")
    assert (held.returncode, forced.returncode) == (2, 0)
    assert "dialer reconcile" in held.stderr


def test_rehearsal_is_erased_apart(folder: CampaignFolder) -> None:
    """`--sandbox` erases the rehearsal's ledger, calls and results, and leaves the real ones."""
    results = run_once(folder)
    dialer("run", folder.campaign_file, "--sandbox")
    ended = dialer("purge", folder.campaign_file, "--sandbox", "--yes")
    assert ended.returncode == 0
    assert results.exists()
    assert list((folder.path / "results/sandbox").iterdir()) == []
    files = [path for path in (folder.path / ".dialer").iterdir() if path.name.startswith("sandbox")]
    assert "sandbox-calls.jsonl" not in [path.name for path in files]
    assert not [path.name for path in files if number(0)[2:].encode() in path.read_bytes()]


def test_copy_of_a_ledger_is_run_only_when_adopted(
    folder: CampaignFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A copied folder is refused until a person who has read the risk takes it over; each refusal says how."""
    run_once(folder)
    copy = Path(shutil.copytree(folder.path, tmp_path_factory.mktemp("copy") / "other"))
    with Sandbox() as sandbox:
        refused = dialer("run", copy / "campaign.toml", "--yes", url=sandbox.url)
        looked = [dialer(command, copy / "campaign.toml") for command in ("status", "results")]
        adopted = dialer("status", copy / "campaign.toml", "--adopt")
        accepted = dialer("run", copy / "campaign.toml", "--yes", url=sandbox.url)
        posts = sandbox.requests.get("POST", 0)
    assert refused.returncode == 2
    assert "--adopt" in refused.stderr
    assert [(answer.returncode, "--adopt" in answer.stderr) for answer in looked] == [(2, True), (2, True)]
    assert (adopted.returncode, "is called again" in adopted.stderr) == (0, True)
    assert (accepted.returncode, posts) == (0, 0)
