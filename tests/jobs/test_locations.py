"""Where ledger and results are: beside the campaign file, wherever one stands, and never over another run's."""

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import LedgerUnusable, SettingsError
from dialer.jobs.locations import RUN_STAMP, ledger_location, new_results_path, settings_of, unused_path
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from tests.support import TEAM, CampaignFolder, HurriedClock


def test_the_ledger_is_beside_the_campaign_unless_somebody_says_otherwise(folder: CampaignFolder) -> None:
    """What the command names wins over the environment, and that over the default: never the folder one stands in."""
    campaign = folder.campaign()
    named = Settings(ledger="sqlite:////elsewhere/ledger.db")

    assert ledger_location(campaign, Settings(), None) == folder.path / ".dialer" / "ledger.db"
    assert ledger_location(campaign, named, None) == "sqlite:////elsewhere/ledger.db"
    assert ledger_location(campaign, named, "chosen.db") == "chosen.db"


def test_no_results_are_written_over(tmp_path: Path) -> None:
    """The first name that is free is taken, counting from 2."""
    first = tmp_path / "spring-20261201T170000Z.csv"

    assert unused_path(first) == first
    first.touch()
    (tmp_path / "spring-20261201T170000Z-2.csv").touch()
    assert unused_path(first) == tmp_path / "spring-20261201T170000Z-3.csv"


@pytest.mark.parametrize("at", ["20261201T170000Z", "2026-12-01"])
def test_results_tell_when_their_run_began(folder: CampaignFolder, at: str) -> None:
    """By their name the results of a run, or of a night, are found again."""
    path = new_results_path(folder.campaign(), folder.path, at)

    assert re.fullmatch(rf"campaign-{RUN_STAMP}\.csv", path.name)
    assert path.parent == folder.path


PROFILES = """
[profiles.acme]
api_key_env = "ACME_API_KEY"
base_url = "https://acme.example.com"
team_id = "acme-team"
ledger = "acme.db"
[profiles.beta]
api_key_file = "beta.key"
ledger = "postgresql://beta@db.example.com/dialer"
ledger_schema = "beta"
[profiles.gamma]
keyring = "gamma"
ledger_schema = "gamma"
[profiles.plain]
requests_per_second = 3
"""


def _of(folder: CampaignFolder, profile: str) -> Campaign:
    (folder.path / "dialer.toml").write_text(PROFILES, "utf-8")
    folder.campaign_file.write_text(f'profile = "{profile}"\n', "utf-8")
    return load_campaign(folder.campaign_file)


ENVIRONMENT = Settings(
    api_key=SecretStr("environment-key"), team_id="its team", ledger="postgresql://me:pass@db.example.com/all"
)


def test_a_profile_comes_before_the_environment(folder: CampaignFolder) -> None:
    """Key, address, team and ledger are its own; what it leaves out, the environment says."""
    os.environ["ACME_API_KEY"] = "acme-key"
    (folder.path / "beta.key").write_text("beta-key")
    (folder.path / "beta.key").chmod(0o600)
    acme, beta, plain = (settings_of(_of(folder, name), ENVIRONMENT) for name in ("acme", "beta", "plain"))

    keys = [settings.require_key().get_secret_value() for settings in (acme, beta, plain)]
    assert keys == ["acme-key", "beta-key", "environment-key"]
    assert (acme.base_url, beta.base_url) == ("https://acme.example.com", "https://api.aicaller.io")
    assert (acme.team_id, beta.team_id) == ("acme-team", "its team")
    assert [settings.key_source for settings in (acme, beta, plain)] == [
        "ACME_API_KEY",
        f"{folder.path / 'beta.key'}, the file that api_key_file of [profiles.beta] names",
        "AICALLER_API_KEY",
    ]
    assert "acme-key" not in f"{acme!r} {acme}"


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("acme", r"No API key of \[profiles.acme\]\. Set ACME_API_KEY, or"),
        ("beta", "beta.key: the key file of api_key_file of .* cannot be read"),
        ("gamma", r"No API key of \[profiles.gamma\]\. Run: keyring set dialer gamma, or"),
    ],
)
def test_the_key_of_another_never_stands_in(folder: CampaignFolder, profile: str, said: str) -> None:
    """A profile whose key is missing says where it belongs, and is not called for with environment-key key."""
    with pytest.raises(SettingsError, match=said):
        settings_of(_of(folder, profile), ENVIRONMENT).require_key()


def test_the_ledger_is_the_profiles_unless_the_command_names_one(folder: CampaignFolder) -> None:
    """A path is seen from `dialer.toml`, and a schema lies in the profile's database or in environment-key."""
    acme, beta, gamma = (_of(folder, name) for name in ("acme", "beta", "gamma"))

    assert ledger_location(acme, ENVIRONMENT, None) == str(folder.path / "acme.db")
    assert ledger_location(acme, ENVIRONMENT, "chosen.db") == "chosen.db"
    assert ledger_location(beta, ENVIRONMENT, None) == "postgresql+psycopg://beta@db.example.com/dialer?schema=beta"
    assert ledger_location(gamma, ENVIRONMENT, None) == "postgresql+psycopg://me:pass@db.example.com/all?schema=gamma"
    with pytest.raises(LedgerUnusable, match=r"\[profiles.gamma\] ledger_schema needs a database"):
        ledger_location(gamma, Settings(), None)
    with pytest.raises(LedgerUnusable, match="only a PostgreSQL database has schemas: gamma"):
        ledger_location(gamma, Settings(ledger="ledger.db"), None)


def test_each_campaign_is_called_with_the_key_of_its_profile(folder: CampaignFolder) -> None:
    """Two campaigns of a folder with two keys: each API gets its own, and each ledger knows its own people only."""
    os.environ.update(ACME_API_KEY="acme-key", BETA_API_KEY="beta-key")
    with Sandbox(api_key="acme-key") as acme, Sandbox(api_key="beta-key") as beta:
        tables = (
            f'[profiles.{name}]\napi_key_env = "{name.upper()}_API_KEY"\nbase_url = "{stand_in.url}"\n'
            f'team_id = "{name}-team"\nledger = "{name}.db"\n'
            for name, stand_in in (("acme", acme), ("beta", beta))
        )
        (folder.path / "dialer.toml").write_text("\n".join(tables), "utf-8")
        text = folder.campaign_file.read_text("utf-8").replace(f'team_id = "{TEAM}"\n', "")
        for name in ("acme", "beta"):
            file = folder.path / f"of-{name}.toml"
            file.write_text(f'profile = "{name}"\n{text}', "utf-8")
            summary = run_campaign(load_campaign(file), runtime=Runtime(clock=HurriedClock()))
            assert summary.counts[Status.CREATED] == 3

    for name, stand_in in (("acme", acme), ("beta", beta)):
        assert [call["teamId"] for call in stand_in.created] == [f"{name}-team"] * 3
        with Ledger.open(folder.path / f"{name}.db") as ledger:
            assert [standing.campaign for standing in read_standings(ledger)] == [f"of-{name}"]
