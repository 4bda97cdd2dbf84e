"""The front page is short, its two commands stand where the tools look for them, and its three uses are complete."""

import re

import pytest

from dialer.campaign.file import load_campaign
from docs.generate.pages import ROOT

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("CONTRIBUTING.md", 80)])
def test_the_front_pages_are_short(name: str, lines: int) -> None:
    """What everybody is asked to read first is read in five minutes."""
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= lines


@pytest.mark.parametrize("name", ["run", "test"])
def test_both_commands_are_single_lines_that_make_their_environment(name: str) -> None:
    """A stranger copies one line to run, one line to test."""
    (command,) = re.findall(rf"<!-- the {name} command -->\n```sh\n(.*?)\n```", README, re.DOTALL)
    assert "\n" not in command
    assert command.startswith("python3 -m venv .venv && ")
    assert "--require-hashes" in command


@pytest.mark.parametrize("use", ["Run a campaign", "Run again only what failed", "Every night"])
def test_each_use_is_six_commands(use: str) -> None:
    """Each of the three uses is shown from its beginning to its end in six lines."""
    (block,) = re.findall(rf"\*\*{use}\.\*\*.*?```sh\n(.*?)```", README, re.DOTALL)
    assert len(block.splitlines()) == 6


def test_nothing_more_is_promised_than_at_most_once() -> None:
    """The front page says what holds: created at most once, every row accounted for."""
    assert "created at most once" in README
    assert "accounted for" in README
    assert "exactly once" not in README


def test_the_sample_campaign_can_be_loaded() -> None:
    """What a new user runs first is there."""
    assert load_campaign(ROOT / "campaigns" / "sample.toml").sheet == ROOT / "sample_contacts.csv"
