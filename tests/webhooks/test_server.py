"""Promises about the receiver's own life: it hears nobody whom it cannot serve."""

import asyncio

import pytest
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.settings import Settings
from dialer.webhooks.server import listen, serve
from dialer.webhooks.setup import call_source
from dialer.webhooks.signature import SecretCheck, SecretStyle
from tests.support import CampaignFolder, HurriedClock


@pytest.mark.slow
def test_a_receiver_that_cannot_look_up_any_more_ends(folder: CampaignFolder) -> None:
    """A bug behind it ends the process, so that whoever watches it sees that; it does not go on answering 202."""

    def broken() -> Client:
        raise RuntimeError("a bug")

    check = SecretCheck(SecretStyle.HEADER, "x", ("s",))
    ready: list[bool] = []
    with Ledger.open(folder.path / "ledger.db") as ledger:
        runtime = Runtime(settings=Settings(api_key=SecretStr("k")), clock=HurriedClock(), connect=broken)
        source = call_source([], ledger, runtime)
        with pytest.raises(RuntimeError, match="a bug"):
            asyncio.run(serve(listen("127.0.0.1", 0), check, source, lambda: ready.append(True)))
    assert ready == [True]


@pytest.mark.parametrize("host", ["a:\u202e", "x" * 64])
def test_what_is_no_name_of_a_machine_cannot_be_listened_at(host: str) -> None:
    """It is an address that cannot be had, and no bug."""
    with pytest.raises(OSError, match="no machine has such an address"):
        listen(host, 0)
