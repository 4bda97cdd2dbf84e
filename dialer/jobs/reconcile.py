"""Finds out about unknown calls by looking at the API's own listing; nothing is ever sent again to find out."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from dialer.api.client import Client
from dialer.api.list_twice import take_passes
from dialer.calls.endpoint import Endpoint
from dialer.calls.reconciliation import Finding, Found, Listing, UnknownAttempt, find_attempts
from dialer.campaign.file import Campaign
from dialer.clock import to_ms
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_UNKNOWN
from dialer.jobs.locations import ledger_location
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.claims import recover
from dialer.ledger.transitions.reconciled import known_calls, release_not_found, unknown_attempts, write_findings


@dataclass(frozen=True)
class ReconcileSummary:
    """What became of the campaign's unknown calls. *too_young* ones were not looked for yet (`settle_time`).

    *listing_read* is false where one of them could not be looked for: its listing was unreadable, or is another API's.
    """

    campaign: str
    findings: Counter[Finding]
    too_young: int
    released: int
    listing_read: bool

    @property
    def unknown(self) -> int:
        """How many are still unknown, in whatever way."""
        found = self.findings
        held = found[Finding.NOT_FOUND] + found[Finding.TWO_MATCHES] + found[Finding.STILL_UNKNOWN]
        return held + self.too_young - self.released

    @property
    def exit_code(self) -> int:
        """0 when nothing is unknown any more, else 4."""
        return EXIT_UNKNOWN if self.unknown else EXIT_OK

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "findings": {str(finding): self.findings[finding] for finding in Finding},
            "too_young": self.too_young,
            "released": self.released,
            "unknown": self.unknown,
            "listing_read": self.listing_read,
            "exit_code": self.exit_code,
        }


@dataclass(frozen=True)
class ReconcileOptions:
    """What the caller decides about a reconciliation.

    *release* frees the calls that are surely not there; *accept_empty* lets it believe a listing without any call;
    *ledger* overrides the place beside the campaign file.
    """

    ledger: str | Path | None = None
    release: bool = False
    accept_empty: bool = False


@dataclass(frozen=True)
class _Lookup:
    """What looking up a campaign's unknown calls takes; the ledger's lock must be held."""

    ledger: Ledger
    runtime: Runtime
    options: ReconcileOptions
    connect: Callable[[], Client]

    async def run(self, unknown: Mapping[Endpoint, list[UnknownAttempt]]) -> tuple[list[Found], bool]:
        """Look for the attempts where each was sent, and store what was found; return it, and whether all was read."""
        found: list[Found] = []
        is_read = True
        async with self.connect() as client:
            for endpoint, attempts in unknown.items():
                passes = await self._passes(client, endpoint)
                is_read = is_read and passes is not None
                found += self._resolve(endpoint, attempts, passes or [])
        return found, is_read

    async def _passes(self, client: Client, endpoint: Endpoint) -> list[Listing] | None:
        if not endpoint.is_reached_at(self.runtime.settings.base_url):
            return None  # another API's listing says nothing about them
        return await take_passes(client, endpoint.call_template_id, self.runtime.clock)

    def _resolve(self, endpoint: Endpoint, attempts: list[UnknownAttempt], passes: list[Listing]) -> list[Found]:
        with self.ledger.write() as tx:
            known = known_calls(tx, endpoint)
            rivals = list(chain.from_iterable(unknown_attempts(tx, None).values()))
            found = find_attempts(attempts, passes, known, rivals=rivals, may_be_empty=self.options.accept_empty)
            write_findings(tx, found)
        return found


def reconcile_campaign(
    campaign: Campaign,
    *,
    options: ReconcileOptions | None = None,
    runtime: Runtime | None = None,
) -> ReconcileSummary:
    """Look up the campaign's unknown calls, and free those that surely are not there where *options* say so.

    Raises `CannotStart` and its kin, `LedgerHeld` when a run is going.
    """
    options, runtime = options or ReconcileOptions(), runtime or Runtime()
    runtime.settings.require_key()
    opened = Ledger.open_existing(ledger_location(campaign, runtime.settings, options.ledger))
    if opened is None:
        raise UsageError(f"{campaign.name} has never run, so nothing is unknown. Next: dialer run")
    clock = runtime.clock
    name = campaign.name
    with opened, opened.lock(what=f"reconciling {name}", since=clock.now(), campaign=name):
        with opened.write() as tx:
            recover(tx, name, now_ms=clock.now_ms())
        return look_up(campaign, opened, runtime, options)


def look_up(
    campaign: Campaign, ledger: Ledger, runtime: Runtime, options: ReconcileOptions | None = None
) -> ReconcileSummary:
    """Look up what is unknown of *campaign* in a ledger whose lock is held."""
    options = options or ReconcileOptions()
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        unknown = {} if campaign_id is None else unknown_attempts(tx, campaign_id)
    latest_ms = to_ms(runtime.clock.now() - campaign.submit.settle_time)
    ripe = {endpoint: [item for item in found if item.until_ms <= latest_ms] for endpoint, found in unknown.items()}
    ripe = {endpoint: found for endpoint, found in ripe.items() if found}
    too_young = sum(map(len, unknown.values())) - sum(map(len, ripe.values()))
    if not ripe:
        return ReconcileSummary(campaign.name, Counter(), too_young, 0, listing_read=True)
    lookup = _Lookup(ledger, runtime, options, runtime.connector(campaign.submit))
    found, is_read = runtime.runner(lookup.run(ripe))
    released = 0
    if options.release:
        with ledger.write() as tx:
            released = release_not_found(tx, found)
    findings = Counter(item.finding for item in found)
    return ReconcileSummary(campaign.name, findings, too_young, released, listing_read=is_read)
