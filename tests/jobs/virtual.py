"""Whole runs on virtual time: the real ledger and an API in the same process, so that minutes pass in no time."""

import json
import ssl
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import httpx
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.campaign.file import Campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import Listener, RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.settings import Settings
from tests.simulation.disk import Disk, SimulatedWriter
from tests.simulation.world import World

CONTEXT = ssl.create_default_context()
KEY = SecretStr("a-key")

Serve = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def unlisted(request: httpx.Request) -> httpx.Response:
    """Answer a GET of an API that lists no call."""
    return httpx.Response(200, json={"data": []}) if request.url.params else httpx.Response(404)


class Taking:
    """An API in the same process that creates every call, in *created*, each with an id that no other has had."""

    _numbers = count(1)

    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.method == "GET":
            return unlisted(request)
        self.created.append(json.loads(request.content))
        return httpx.Response(200, json={"data": {"_id": f"call-{next(self._numbers)}"}})


def run_virtually(
    campaign: Campaign,
    world: World,
    serve: Serve,
    *,
    options: RunOptions | None = None,
    listener: Listener | None = None,
) -> RunSummary:
    """Run *campaign* in *world*, whose API is *serve*."""
    return run_campaign(campaign, options=options, listener=listener, runtime=virtual_runtime(campaign, world, serve))


def virtual_runtime(campaign: Campaign, world: World, serve: Serve) -> Runtime:
    """Return what a job of *campaign* works with in *world*, whose API is *serve*."""
    disk = Disk(world, campaign.folder)
    return Runtime(
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
