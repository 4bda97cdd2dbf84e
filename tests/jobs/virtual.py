"""Whole runs on virtual time: the real ledger and an API in the same process, so that minutes pass in no time."""

import ssl
from collections.abc import Callable, Coroutine

import httpx
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.campaign.file import Campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.settings import Settings
from tests.simulation.disk import Disk, SimulatedWriter
from tests.simulation.world import World

CONTEXT = ssl.create_default_context()
KEY = SecretStr("a-key")


def run_virtually(
    campaign: Campaign, world: World, serve: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
) -> RunSummary:
    """Run *campaign* in *world*, whose API is *serve*."""
    disk = Disk(world, campaign.folder)
    runtime = Runtime(
        settings=Settings(base_url="https://api.test", api_key=KEY),
        clock=world,
        connect=lambda: Client(
            "https://api.test",
            KEY,
            clock=world,
            read_seconds=30,
            context=CONTEXT,
            transport=httpx.MockTransport(serve),
        ),
        random=world.random("pacing"),
        runner=world.run,
        attempt_store=lambda ledger: SimulatedWriter(ledger, world=world, disk=disk),
    )
    return run_campaign(campaign, runtime=runtime)
