"""Fixtures that real runs are made of: a folder with a sheet and a campaign, an environment with nothing in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import CampaignFolder


@pytest.fixture(autouse=True)
def _bare_environment() -> Iterator[None]:
    """No variable of the machine reaches a test, and none of a test reaches the next."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("AICALLER_", "DIALER_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def folder(tmp_path: Path) -> CampaignFolder:
    """Give a folder of a campaign that may call at any hour, with a sheet of three callable rows."""
    return CampaignFolder(tmp_path)
