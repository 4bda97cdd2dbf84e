"""What the replies of the simulated API have in common."""

from email.utils import format_datetime

import httpx

from tests.simulation.world import World

KEY = "sk-simulated-0123456789"
"""The key that every process has; some refusals quote it."""


def reply(world: World, status: int, content: object, **headers: str) -> httpx.Response:
    """Return a reply with the API's own date."""
    dated = headers | {"date": format_datetime(world.now(), usegmt=True)}
    return httpx.Response(status, json=content, headers=dated)
