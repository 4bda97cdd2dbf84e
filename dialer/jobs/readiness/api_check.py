"""The check that asks the API: one harmless GET tells whether it is there, takes the key and keeps the same time."""

from collections.abc import Callable
from pathlib import Path

from dialer.api.client import Client
from dialer.api.reply import MAX_SKEW_SECONDS
from dialer.calls.endpoint import is_loopback
from dialer.calls.outcome import Stop, StopCode
from dialer.campaign.file import Campaign
from dialer.campaign.tables import Submit
from dialer.exit_codes import EXIT_STOPPED
from dialer.jobs.readiness.finding import Finding, fine, problem, warning
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.settings import Settings
from dialer.submit.gate import Gate
from dialer.submit.stop_remedies import with_remedy

_CHECK_OF = {StopCode.KEY_REFUSED: "key", StopCode.NO_CREDIT: "key", StopCode.CLOCK_WRONG: "clock"}
"""Which check a stop belongs to; any other is about the address."""

_LATER = "Try again later."


def ask_api(runtime: Runtime, campaign: Campaign, ledger: Ledger) -> Stop | None:
    """Ask as a run does before its first claim, `max_attempts` times at most.

    Return why nothing may be sent. Raises `SettingsError` where there is no key.
    """
    submit = campaign.submit
    with runtime.key_limit(campaign, ledger) as limit:
        gate = Gate(submit, clock=runtime.clock, random=runtime.random, limit=limit)
        return runtime.runner(_open(runtime.connector(submit), gate))


async def _open(connect: Callable[[], Client], gate: Gate) -> Stop | None:
    async with connect() as client:
        await gate.opened(client)
    return gate.stop


def ask_api_once(runtime: Runtime, campaign: Campaign | None, location: str | Path) -> Stop | None:
    """Ask with one GET; return why nothing could be sent now. Raises `SettingsError` where there is no key.

    It takes a permit of the campaign's key, unless the ledger at *location* that keeps them cannot be opened.
    """
    with runtime.key_limit_at(campaign, location) as limit:
        gate = Gate(Submit(), clock=runtime.clock, random=runtime.random, limit=limit)
        return runtime.runner(_probe(runtime.connector(Submit()), gate))


async def _probe(connect: Callable[[], Client], gate: Gate) -> Stop | None:
    async with connect() as client:
        await gate.may_ask(client)
        answer = await client.probe(gate.leaving())
    if answer is None:
        return None
    return Stop(answer.stop or StopCode.UNREACHABLE, answer.message)


def api_findings(stop: Stop | None, settings: Settings) -> list[Finding]:
    """Return what the answer, None for a good one, says about key, address and clock."""
    address = settings.base_url
    if stop is not None:
        check, remedy = _CHECK_OF.get(stop.code, "address"), with_remedy(stop, settings).remedy or _LATER
        where, message = f"{address}: " if check == "address" else "", stop.message.removeprefix("Not sent: ")
        return [problem(check, f"{where}{message}", remedy, exit_code=EXIT_STOPPED)]
    here = f"{address}: answers."
    if is_loopback(address):
        there = warning("address", f"{here} It is this machine, so nobody is rung.")
    else:
        there = fine("address", here)
    clock = f"This machine's clock is not {MAX_SKEW_SECONDS:.0f} s off the API's."
    return [fine("key", "The API accepts the key."), there, fine("clock", clock)]
