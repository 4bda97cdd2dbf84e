"""Whole runs on virtual time: the real ledger and an API in the same process, so that minutes pass in no time."""

import ssl
from collections.abc import Callable, Coroutine

import httpx
from pydantic import SecretStr

from dialer.campaign import Campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.summary import RunSummary
from dialer.jobs.wiring import Wiring
from dialer.settings import Settings
from dialer.submit.client import Client
from tests.simulation.disk import Disk, SimulatedWriter
from tests.simulation.world import World

CONTEXT = ssl.create_default_context()
KEY = SecretStr("a-key")


def run_virtually(
    campaign: Campaign, world: World, serve: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
) -> RunSummary:
    """Run *campaign* in *world*, whose API is *serve*."""
    disk = Disk(world, campaign.folder)
    wiring = Wiring(
        connect=lambda: Client(
            "https://api.test",
            KEY,
            clock=world,
            read_seconds=30,
            context=CONTEXT,
            transport=httpx.MockTransport(serve),
        ),
        book=lambda engine: SimulatedWriter(engine, world=world, disk=disk),
        random=world.random("pacing"),
        runner=world.run,
    )
    settings = Settings(base_url="https://api.test", api_key=KEY)
    return run_campaign(campaign, settings, clock=world, wiring=wiring)
