"""Finds out about unknown calls by looking at the API's own listing; nothing is ever sent again to find out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from dialer.campaign import Campaign
from dialer.clock import Clock, SystemClock, to_ms
from dialer.errors import UsageError
from dialer.jobs.places import ledger_location
from dialer.jobs.summary import EXIT_OK, EXIT_UNKNOWN
from dialer.jobs.wiring import Wiring
from dialer.ledger import Ledger, RunLock, read, write
from dialer.ledger.attempts import recover
from dialer.ledger.rows import campaign_id_of
from dialer.ledger.unknowns import known_call_ids, release_not_found, unknown_attempts, write_findings
from dialer.settings import Settings, read_settings
from dialer.submit.client import Client
from dialer.submit.listing import Finding, Found, UnknownAttempt, find_attempts

PASSES = 2
BETWEEN_PASSES_SECONDS = 2.0
"""Two passes show that the listing stands still: a call that is only just appearing would make them differ."""


@dataclass(frozen=True)
class ReconcileSummary:
    """What became of the campaign's unknown calls. *too_young* ones were not looked for yet (`settle_time`)."""

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
        """Give the object that `--json` prints."""
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
class Lookup:
    """What looking up a campaign's unknown calls takes; the ledger's lock must be held."""

    ledger: Ledger
    campaign_id: int
    call_template_id: str
    settle_time: timedelta
    clock: Clock
    connect: Callable[[], Client]

    def attempts(self) -> tuple[list[UnknownAttempt], list[UnknownAttempt]]:
        """Give the unknown attempts that have had their settle time, and those that have not."""
        with read(self.ledger.engine) as tx:
            found = unknown_attempts(tx, self.campaign_id)
        latest_ms = to_ms(self.clock.now() - self.settle_time)
        return [item for item in found if item.until_ms <= latest_ms], [
            item for item in found if item.until_ms > latest_ms
        ]

    async def run(self, attempts: list[UnknownAttempt]) -> list[Found] | None:
        """Look for *attempts* and store what was found; None when the listing could not be read."""
        passes = []
        async with self.connect() as client:
            for index in range(PASSES):
                if index:
                    await self.clock.sleep(BETWEEN_PASSES_SECONDS)
                listing = await client.list_calls(self.call_template_id)
                if listing is None:
                    return None
                passes.append(listing)
        with write(self.ledger.engine) as tx:
            findings = find_attempts(attempts, passes, known_call_ids(tx, self.campaign_id))
            write_findings(tx, findings)
        return findings


def reconcile_campaign(
    campaign: Campaign,
    settings: Settings | None = None,
    *,
    ledger: str | Path | None = None,
    release: bool = False,
    clock: Clock | None = None,
    wiring: Wiring | None = None,
) -> ReconcileSummary:
    """Look up the campaign's unknown calls, and with *release* free those that surely are not there.

    Raises `CannotStart` and its kin, `LedgerHeld` when a run is going.
    """
    settings, clock = settings or read_settings(), clock or SystemClock()
    campaign = campaign.with_ids(team_id=settings.team_id, call_template_id=settings.call_template_id)
    settings.require_key()
    opened = Ledger.open_existing(ledger_location(campaign, settings, ledger))
    if opened is None:
        raise UsageError(f"{campaign.name} has never run, so nothing is unknown. Next: dialer run")
    with opened, RunLock(opened.engine, what=f"reconciling {campaign.name}", since=clock.now()):
        with write(opened.engine) as tx:
            recover(tx, now_ms=to_ms(clock.now()))
        return look_up(campaign, settings, opened, clock, wiring=wiring or Wiring(), release=release)


def look_up(
    campaign: Campaign,
    settings: Settings,
    ledger: Ledger,
    clock: Clock,
    *,
    wiring: Wiring,
    release: bool = False,
) -> ReconcileSummary:
    """Look up what is unknown of *campaign* in a ledger whose lock is held."""
    with read(ledger.engine) as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
    if campaign_id is None:
        return ReconcileSummary(campaign.name, Counter(), 0, 0, listing_read=True)
    lookup = Lookup(
        ledger=ledger,
        campaign_id=campaign_id,
        call_template_id=str(campaign.call.call_template_id),
        settle_time=campaign.submit.settle_time,
        clock=clock,
        connect=wiring.connector(campaign, settings, clock),
    )
    ripe, young = lookup.attempts()
    found = wiring.runner(lookup.run(ripe)) if ripe else []
    released = 0
    if release and found:
        with write(ledger.engine) as tx:
            released = release_not_found(tx, found)
    findings = Counter({Finding.STILL_UNKNOWN: len(ripe)}) if found is None else Counter(item.finding for item in found)
    return ReconcileSummary(campaign.name, findings, len(young), released, listing_read=found is not None)
