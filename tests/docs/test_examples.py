"""The campaigns of `campaigns/examples`: each is accepted as it stands, and a rehearsal calls exactly whom it may."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import load_campaign
from dialer.jobs.check import check_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from docs.generate.pages import ROOT

EXAMPLES = ROOT / "campaigns" / "examples"
CALLED = {
    "consent": {"+12125550101", "+13125550104"},
    "nightly": {"+12125550101", "+16465550102", "+14155550103"},
    "redial": {"+12125550101", "+16465550102", "+14155550103"},
    "two-countries": {"+12125550101", "+442079460018", "+14155550103", "+441134960021"},
}
"""Who is called, read off the sheets by a person."""


def test_every_example_is_rehearsed() -> None:
    """No example is left out of the tests below."""
    assert {path.stem for path in EXAMPLES.glob("*.toml")} == set(CALLED)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLED)
def test_an_example_can_be_used_as_it_stands(name: str, tmp_path: Path) -> None:
    """`check` accepts it, and a rehearsal creates a call for each person it may call."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    campaign = load_campaign(tmp_path / "examples" / f"{name}.toml")
    checked = check_campaign(campaign)
    with Sandbox() as sandbox:
        settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        week = campaign.schedule.model_copy(update={"horizon": timedelta(days=7)})  # on whatever day it is tried
        run_campaign(campaign.model_copy(update={"schedule": week}), runtime=Runtime(settings=settings))
        called = {call["toPhoneNumber"] for call in sandbox.created}

    assert checked.callable_rows == len(CALLED[name])
    assert called == CALLED[name]
