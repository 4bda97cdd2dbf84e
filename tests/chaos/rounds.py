"""Plays one round of a fleet, with a server and sandboxes of its own."""

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dialer.sandbox import CallLifecycle, Sandbox
from tests.chaos.ground import Ground
from tests.chaos.people import KEYS, campaigns_of, script
from tests.chaos.size import Size
from tests.chaos.trial import Trial
from tests.ledger.postgres import Server, running_server
from tests.machines import Figures

ANSWERED = CallLifecycle(
    no_answer=0,
    busy=0,
    failed=0,
    cancelled=0,
    voicemail=0,
    ivr=0,
    do_not_call=0,
    call_later=0,
    unknown_code=0,
    speed=10_000,
)
"""Everybody answers whose call is not scripted, and every call has ended before the next night."""


def play(size: Size, seed: int, server: Server | None = None) -> Figures:
    """Play one round with things of its own, or on a *server* that stays up. Raises `CannotStart` without one."""
    life = replace(ANSWERED, seed=seed, script=script(campaigns_of(size.campaigns, size.rows), size.nights))
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        server = server or kept.enter_context(running_server())
        sandboxes = {key: kept.enter_context(Sandbox(life=life, api_key=f"{key}-key")) for key in KEYS}
        ground = Ground(Path(folder), server, sandboxes, size.rate)
        return Trial(ground, sandboxes, size, seed).play()


def timed(size: Size, seed: int) -> tuple[Figures, float, float]:
    """Play one round; return its figures, how long it took, and the processor's time of all that it has reaped (s)."""
    began, worked = time.monotonic(), sum(os.times()[:4])
    return play(size, seed), time.monotonic() - began, sum(os.times()[:4]) - worked
