"""A run that froze or lost its lock, and another that took its campaign over: the stand-in's own list is the judge."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from dialer.api.client import Client
from dialer.api.connection import SingleConnection
from dialer.campaign.file import Campaign
from dialer.errors import LedgerHeld
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from dialer.tls import shared_context
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import LaterClock
from tests.ledger.postgres import end_sessions
from tests.support import ANY_HOUR, CampaignFolder, number, read_results

SUBMIT = '[submit]\nrequests_per_second = 200\nconcurrency = 6\nsettle_time = "0s"\n'
PEOPLE = 40


class Freeze:
    """Freezes a whole program when its *nth* POST is about to leave, until it is thawed."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.is_frozen = threading.Event()
        self.is_thawed = threading.Event()

    def pass_by(self) -> None:
        """Freeze here, if it is the moment."""
        self.left -= 1
        if self.left == 0:
            self.is_frozen.set()
            assert self.is_thawed.wait(60)


class _Connection(SingleConnection):
    """A real connection of a program that may freeze."""

    freeze: Freeze

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.freeze.pass_by()
        return await super().handle_async_request(request)


def _freezing(sandbox: Sandbox, clock: LaterClock, freeze: Freeze) -> Runtime:
    settings, context = settings_for(sandbox), shared_context()

    def connect() -> Client:
        transport = _Connection(context, monotonic=clock.monotonic)
        transport.freeze = freeze
        key = settings.require_key()
        return Client(settings.base_url, key, clock=clock, read_seconds=30, context=context, transport=transport)

    return Runtime(settings=settings, clock=clock, connect=connect)


@contextmanager
def _frozen_run(
    sandbox: Sandbox, campaign: Campaign, ledger: str | Path, clock: LaterClock
) -> Iterator["list[RunSummary]"]:
    """Freeze a run in the middle; at the end it is thawed, and its summary is in the list."""
    freeze, ended = Freeze(PEOPLE // 2), list[RunSummary]()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            run_campaign,
            campaign,
            options=RunOptions(ledger=ledger),
            runtime=_freezing(sandbox, clock, freeze),
        )
        try:
            assert freeze.is_frozen.wait(30)
            yield ended
        finally:
            freeze.is_thawed.set()
        ended.append(running.result(60))


@pytest.mark.slow
@pytest.mark.parametrize("only_locks", [True, False], ids=["the lock's session ends", "every session ends"])
def test_frozen_run_that_was_taken_over_rings_nobody(
    folder: CampaignFolder, database: str, *, only_locks: bool
) -> None:
    """Its claims were reconciled, released and sent by another; when it wakes it sends none of them, and says so."""
    folder.people(PEOPLE)
    campaign = folder.campaign(ANY_HOUR + SUBMIT)
    clock = LaterClock()
    with Sandbox(now_ms=clock.now_ms) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=clock)
        release = ReconcileOptions(ledger=database, release=True)
        with _frozen_run(sandbox, campaign, database, clock) as ended:
            by_the_first = {str(call["_id"]) for call in sandbox.created}
            assert end_sessions(database, only_locks=only_locks)
            too_early = reconcile_campaign(campaign, options=release, runtime=runtime)
            run_campaign(
                campaign, options=RunOptions(ledger=database), runtime=runtime
            )  # calls that a listing must hold
            clock.advance(600)
            released = reconcile_campaign(campaign, options=release, runtime=runtime)
            second = run_campaign(campaign, options=RunOptions(ledger=database), runtime=runtime)
        calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)

    (first,) = ended
    assert calls == dict.fromkeys(map(number, range(PEOPLE)), 1)
    assert (too_early.released, too_early.too_young > 0, released.released > 0) == (0, True, True)
    assert (first.exit_code, first.stop is not None and first.stop.code) == (5, "lock_lost")
    assert second.exit_code == 0
    assert by_the_first <= {row["dialer_call_id"] for row in read_results(first.results or Path())}


@pytest.mark.slow
def test_frozen_run_keeps_its_campaign_on_one_machine(folder: CampaignFolder) -> None:
    """The lock of a file is its process's for as long as that lives: nobody takes a frozen run over, and it goes on."""
    folder.people(PEOPLE)
    campaign = folder.campaign(ANY_HOUR + SUBMIT)
    clock = LaterClock()
    ledger = folder.path / "ledger.db"
    with Sandbox(now_ms=clock.now_ms) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=clock)
        options = ReconcileOptions(ledger=ledger, release=True)
        with (
            _frozen_run(sandbox, campaign, ledger, clock) as ended,
            pytest.raises(LedgerHeld, match="a run of"),
        ):
            reconcile_campaign(campaign, options=options, runtime=runtime)
        calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)

    assert ended[0].exit_code == 0
    assert calls == dict.fromkeys(map(number, range(PEOPLE)), 1)


class _EndingSessions(Freeze):
    """Lets the server end the session of the lock when the *nth* POST is about to leave."""

    def __init__(self, nth: int, address: str) -> None:
        super().__init__(nth)
        self._address = address

    def pass_by(self) -> None:
        """End it here, if it is the moment."""
        self.left -= 1
        if self.left == 0:
            assert end_sessions(self._address, only_locks=True)


@pytest.mark.slow
def test_no_request_leaves_after_the_lock_s_session_has_ended(folder: CampaignFolder, database: str) -> None:
    """The server has ended it with the claim committed and the connection open: not even that request leaves."""
    folder.people(PEOPLE)
    campaign = folder.campaign(ANY_HOUR + SUBMIT)
    nth = PEOPLE // 2
    with Sandbox() as sandbox:
        runtime = _freezing(sandbox, LaterClock(), _EndingSessions(nth, database))
        summary = run_campaign(campaign, options=RunOptions(ledger=database), runtime=runtime)
        calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)

    assert (summary.exit_code, summary.stop and summary.stop.code) == (5, "lock_lost")
    assert calls.total() < nth
    assert summary.counts.get(Status.UNKNOWN, 0) == 0
