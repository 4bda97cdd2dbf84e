"""What `dialer.toml` may say, how a campaign names a profile of it, and what is said of one that is wrong."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import Campaign, load_campaign
from dialer.campaign.profiles import ProfileTable, load_profiles
from dialer.errors import CampaignError
from docs.generate.campaign_keys import PROFILE, keys_of, meanings

CANARY = "canary-5d1f"


def written(folder: Path, profiles: str, campaign: str = 'profile = "acme"\n') -> Campaign:
    """Write both files and load the campaign."""
    (folder / "dialer.toml").write_text(profiles, "utf-8")
    file = folder / "spring.toml"
    file.write_text(campaign, "utf-8")
    return load_campaign(file)


@pytest.mark.parametrize(
    ("profile", "campaign", "rate"),
    [
        ("requests_per_second = 50", "", 50),
        ("requests_per_second = 50", "[submit]\nrequests_per_second = 20", 20),
        ("requests_per_second = 50", "[submit]\nrequests_per_second = 80", 50),
        ("requests_per_second = 2.5", "[submit]\nconcurrency = 3", 2.5),
        ("", "", 5),
        ("", "[submit]\nrequests_per_second = 80", 80),
    ],
)
def test_no_campaign_is_faster_than_its_key(tmp_path: Path, profile: str, campaign: str, rate: float) -> None:
    """A campaign runs at the rate of its profile, or below it where it says so; the rest of its table stays."""
    loaded = written(tmp_path, f"[profiles.acme]\n{profile}", f'profile = "acme"\n{campaign}\n')

    assert loaded.submit.requests_per_second == rate
    assert loaded.submit.concurrency == (3 if "concurrency" in campaign else None)


@pytest.mark.parametrize("key", list(keys_of(ProfileTable, PROFILE)), ids=lambda key: key.name)
def test_the_example_of_each_key_can_be_loaded(tmp_path: Path, key: Any) -> None:
    """The value shown for a key stands in `dialer.toml` as it is written."""
    example = meanings()[PROFILE, key.name].example
    profile = written(tmp_path, f"[profiles.acme]\n{key.name} = {example}").profile

    assert profile is not None
    said = getattr(profile.keys, key.name)
    assert (str(said) if isinstance(said, Path) else said) == tomllib.loads(f"it = {example}")["it"]


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        ('profile = "acne"', "profile: {file} has no [profiles.acne]. The nearest is acme."),
        ('profile = "zzz"', "profile: {file} has no [profiles.zzz]. There are: acme, beta."),
        ("profile = 3", "profile: must be text in quotes."),
        ('profil = "acme"', "profil: there is no such key. Did you mean profile?"),
    ],
)
def test_a_profile_that_is_not_there_is_answered_with_the_nearest(tmp_path: Path, campaign: str, said: str) -> None:
    """The campaign file, the key, the file of the profiles and the nearest name are told."""
    with pytest.raises(CampaignError) as caught:
        written(tmp_path, "[profiles.acme]\n[profiles.beta]\n", f"{campaign}\n")
    assert str(caught.value) == f"{tmp_path / 'spring.toml'}: {said.format(file=tmp_path / 'dialer.toml')}"


def test_without_a_file_there_are_no_profiles(tmp_path: Path) -> None:
    """A campaign that names a profile is refused there, and one that names none needs no file."""
    (tmp_path / "spring.toml").write_text('profile = "acme"\n', "utf-8")
    (tmp_path / "other.toml").write_text("", "utf-8")

    assert load_profiles(tmp_path / "dialer.toml") == {}
    assert load_campaign(tmp_path / "other.toml").profile is None
    with pytest.raises(CampaignError, match=r"has no \[profiles.acme\]. There are: none."):
        load_campaign(tmp_path / "spring.toml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'api_key = "{CANARY}"', "acme: api_key: no secret stands in this file. Name where it is: api_key_env,"),
        (f'password = "{CANARY}"', "acme: password: no secret stands in this file."),
        (f'token = "{CANARY}"', "acme: token: no secret stands in this file."),
        (f'api_key_env = "{CANARY}"', "acme.api_key_env: must be the name of an environment variable"),
        (f'ledger = "postgresql://acme:{CANARY}@db/dialer"', "acme.ledger: holds a password. Leave it out"),
        (f'ledger = "postgresql://acme@db/dialer?password={CANARY}"', "acme.ledger: holds a password. Leave it out"),
        (f'ledger = "postgresql://[{CANARY}@db/dialer"', "acme.ledger: is not an address such as postgresql://"),
        (f'base_url = "https://me:{CANARY}@api.example.com"', "acme.base_url: must hold no user, password"),
        ('base_url = "http://api.example.com"', "acme.base_url: must start with https"),
        ('api_key_env = "A"\nkeyring = "b"', "acme: api_key_env and keyring each name a place of the key."),
        ("requests_per_second = 0", "acme.requests_per_second: must be greater than 0."),
        (
            'requests_per_secnd = "5"',
            "acme.requests_per_secnd: there is no such key. Did you mean requests_per_",
        ),
        ('ledger_schema = "Acme; DROP"', "acme.ledger_schema: must be 1 to 63 small letters"),
        ('team_id = ""', "acme.team_id: must not be empty."),
    ],
)
def test_a_wrong_profile_is_explained_and_no_secret_is_told(tmp_path: Path, content: str, said: str) -> None:
    """The file, the profile, the key and what to write are told; what may be a secret never."""
    with pytest.raises(CampaignError) as caught:
        written(tmp_path, f"[profiles.acme]\n{content}\n")

    assert str(caught.value).startswith(f"{tmp_path / 'dialer.toml'}: profiles.{said}")
    assert CANARY not in f"{caught.value}{caught.value.__cause__}".replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[profiles.acme\n", "line 1"),
        (b"[profiles.acme]\nteam_id = \xff\n", "is not UTF-8 text"),
        (b"[profile.acme]\n", "profile: there is no such key. Did you mean profiles?"),
        (b'[profiles."a b"]\n', "profiles: a name has letters"),
        (b"profiles = 3\n", "profiles: must be a table."),
    ],
)
def test_a_file_that_is_none_is_explained(tmp_path: Path, content: bytes, said: str) -> None:
    """The file of the profiles is named, and not the campaign's."""
    (tmp_path / "dialer.toml").write_bytes(content)
    with pytest.raises(CampaignError) as caught:
        load_profiles(tmp_path / "dialer.toml")
    assert str(caught.value).startswith(f"{tmp_path / 'dialer.toml'}: ")
    assert said in str(caught.value)


def test_the_file_of_the_profiles_is_no_campaign(tmp_path: Path) -> None:
    """Whoever names it is told to name a campaign."""
    with pytest.raises(CampaignError, match=r"holds the profiles of the campaigns beside it\. Name one of those\."):
        load_campaign(tmp_path / "dialer.toml")
