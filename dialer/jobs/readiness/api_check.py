"""The check that asks the API: one harmless GET tells whether it is there, takes the key and keeps the same time."""

from collections.abc import Callable
from dataclasses import replace

from dialer.api.client import MAX_SKEW_SECONDS, Client
from dialer.calls.endpoint import is_loopback
from dialer.calls.outcome import Stop, StopCode
from dialer.campaign.tables import Submit
from dialer.exit_codes import EXIT_STOPPED
from dialer.jobs.readiness.finding import Finding, fine, problem, warning
from dialer.jobs.runtime import Runtime
from dialer.submit.gate import Gate

_CHECK_OF = {
    StopCode.KEY_REFUSED: ("key", "Set AICALLER_API_KEY to a key of this address."),
    StopCode.NO_CREDIT: ("key", "Top up the account at the API."),
    StopCode.CLOCK_WRONG: ("clock", "Set this machine's clock."),
    StopCode.CERTIFICATE: ("address", "Mend AICALLER_BASE_URL, or this machine's certificates."),
    StopCode.UNREACHABLE: ("address", "Look at the network and at AICALLER_BASE_URL, then try again."),
}
"""Which check a stop belongs to, and what to do about it; any other is about the address."""


def ask_api(runtime: Runtime, submit: Submit) -> Stop | None:
    """Ask as a run does before its first claim, `max_attempts` times at most.

    Return why nothing may be sent, with what to do about it.

    Raises `SettingsError` where there is no key.
    """
    gate = Gate(submit, clock=runtime.clock, random=runtime.random)
    stop = runtime.runner(_open(runtime.connector(submit), gate))
    return stop and replace(stop, message=f"{stop.message} {_remedy_of(stop)[1]}")


async def _open(connect: Callable[[], Client], gate: Gate) -> Stop | None:
    async with connect() as client:
        await gate.opened(client)
    return gate.stop


def ask_api_once(runtime: Runtime) -> Stop | None:
    """Ask with one GET; return why nothing could be sent now. Raises `SettingsError` where there is no key."""
    return runtime.runner(_probe(runtime.connector(Submit())))


def _remedy_of(stop: Stop) -> tuple[str, str]:
    return _CHECK_OF.get(stop.code, ("address", "Mend AICALLER_BASE_URL, or try again later."))


async def _probe(connect: Callable[[], Client]) -> Stop | None:
    async with connect() as client:
        answer = await client.probe()
    if answer is None:
        return None
    return Stop(answer.stop or StopCode.UNREACHABLE, answer.message)


def api_findings(stop: Stop | None, *, address: str) -> list[Finding]:
    """Return what the answer, None for a good one, says about key, address and clock."""
    if stop is not None:
        check, remedy = _remedy_of(stop)
        where, message = f"{address}: " if check == "address" else "", stop.message.removeprefix("Not sent: ")
        return [problem(check, f"{where}{message}", remedy, exit_code=EXIT_STOPPED)]
    here = f"{address}: answers."
    if is_loopback(address):
        there = warning("address", f"{here} It is this machine, so nobody is rung.")
    else:
        there = fine("address", here)
    clock = f"This machine's clock is not {MAX_SKEW_SECONDS:.0f} s off the API's."
    return [fine("key", "The API accepts the key."), there, fine("clock", clock)]
