"""The program under test: its jobs on one story's campaign, each a process of the simulated machine."""

import ssl
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

from pydantic import SecretStr

from dialer.api.client import Client
from dialer.campaign.file import Campaign
from dialer.jobs.intake.decisions import Decision
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.decided import rows_of_unknown
from dialer.ledger.transitions.reconciled import unknown_attempts
from dialer.settings import Settings
from tests.simulation.api.network import Network
from tests.simulation.api.replies import KEY
from tests.simulation.api.service import Api
from tests.simulation.campaigns import READ_SECONDS
from tests.simulation.disk import Disk, SimulatedWriter
from tests.simulation.parts import Parts
from tests.simulation.weather import Weather
from tests.simulation.world import World

CONTEXT = ssl.create_default_context()


class Program:
    """The program, made of *parts*, with its *ledger*. *sends_with* hears of the ledger that a process sends with."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Path,
        *,
        parts: Parts,
        world: World,
        api: Api,
        disk: Disk,
        sends_with: Callable[[Ledger], None],
    ) -> None:
        self._campaign, self._ledger = campaign, ledger
        self._parts, self._world, self._api, self._disk = parts, world, api, disk
        self._sends_with = sends_with
        self._settings = Settings(base_url="https://api.test", api_key=SecretStr(KEY))

    def run(self, weather: Weather) -> RunSummary:
        """Run the campaign."""
        return self._send(run_campaign, weather)

    def retry(self, weather: Weather) -> RunSummary:
        """Send again what failed."""
        return self._send(retry_campaign, weather)

    def _send(self, job: Callable[..., RunSummary], weather: Weather) -> RunSummary:
        return job(self._campaign, options=RunOptions(ledger=self._ledger), runtime=self._runtime(weather))

    def reconcile(
        self, weather: Weather, *, release: bool, vouched: bool, decisions: tuple[Decision, ...] = ()
    ) -> None:
        """Look up what is unknown, and note what was found."""
        summary = reconcile_campaign(
            self._campaign,
            options=ReconcileOptions(
                ledger=self._ledger, release=release, accept_empty=vouched, decisions=decisions, by="ada"
            ),
            runtime=self._runtime(weather),
        )
        found = {str(finding): count for finding, count in sorted(summary.findings.items()) if count}
        self._world.happened["released"] += summary.released
        for finding, count in found.items():
            self._world.happened[f"finding {finding}"] += count
        self._world.note("reconciled", f"{found} young {summary.too_young} released {summary.released}")

    def decide(self, weather: Weather, calls: Mapping[str, str]) -> None:
        """Name the call of each unknown row whose number has one: what a person finds who looks at the API.

        *calls* are ids by numbers.
        """
        ledger = Ledger.open_existing(self._ledger)
        assert ledger is not None
        with ledger, ledger.read() as tx:
            campaign_id = campaign_id_of(tx, self._campaign.name)
            assert campaign_id is not None
            attempts = {item.contact_id: item for item in chain.from_iterable(unknown_attempts(tx, None).values())}
            rows = rows_of_unknown(tx, campaign_id)
        phones = {row: attempts[contacts[0]].phone for row, contacts in rows.items()}
        found = tuple(Decision(row, calls[phone]) for row, phone in phones.items() if phone in calls)
        self._world.happened["decided by a person"] += len(found)
        if found:
            self.reconcile(weather, release=False, vouched=True, decisions=found)

    def _runtime(self, weather: Weather) -> Runtime:
        return Runtime(
            settings=self._settings,
            clock=self._world,
            connect=lambda: self._client(weather),
            attempt_store=self._writer,
            random=self._world.random(f"pacing {self._api.calls.run}"),
            runner=self._world.run,
        )

    def _writer(self, ledger: Ledger) -> SimulatedWriter:
        self._sends_with(ledger)
        return self._parts.writer(ledger, world=self._world, disk=self._disk)

    def _client(self, weather: Weather) -> Client:
        return self._parts.client(
            "https://api.test",
            SecretStr(KEY),
            clock=self._world,
            read_seconds=READ_SECONDS,
            context=CONTEXT,
            transport=Network(self._world, self._api, weather),
        )
