"""Finds out about unknown calls by looking at the API's own listing; nothing is ever sent again to find out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from dialer.calls.attempt import CLAIM_LIFE_SECONDS
from dialer.calls.endpoint import Endpoint
from dialer.calls.reconciliation import Finding, Found, Listing, UnknownAttempt, find_attempts, find_created
from dialer.campaign.file import Campaign
from dialer.clock import to_ms
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_UNKNOWN
from dialer.jobs.intake.decisions import Decision, Verdicts, contacts_of
from dialer.jobs.locations import ledger_location
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.claims import recover
from dialer.ledger.transitions.doubted import doubt_misplaced
from dialer.ledger.transitions.reconciled import (
    known_calls,
    refused_attempts,
    release_not_found,
    unknown_attempts,
    write_created,
    write_findings,
)
from dialer.words import command

if TYPE_CHECKING:
    from dialer.api.client import Client
    from dialer.submit.gate import Gate

_DOUBTED = "the API lists its id as the call of another row; reconcile once more, to find its own"

_ByEndpoint = Mapping[Endpoint, list[UnknownAttempt]]


class ReconcileJson(TypedDict):
    """What `dialer reconcile --json` prints."""

    campaign: str
    findings: dict[Finding, int]
    too_young: int
    released: int
    decided: int
    unknown: int
    listing_read: bool
    doubts: dict[str, int]
    refuted: int
    exit_code: int


@dataclass(frozen=True)
class ReconcileSummary:
    """What became of the campaign's unknown calls. *too_young* ones were not looked for yet (`settle_time`).

    *listing_read* is false where one of them could not be looked for: its listing was unreadable, or is another API's.
    *doubts* counts those that are still unknown by why; *refuted* calls exist although the API had refused them.
    The *decided* ones are in no other count.
    """

    campaign: str
    findings: Counter[Finding]
    too_young: int
    released: int
    listing_read: bool
    doubts: Counter[str] = field(default_factory=Counter)
    refuted: int = 0
    decided: int = 0

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

    def as_json(self) -> ReconcileJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "findings": {finding: self.findings[finding] for finding in Finding},
            "too_young": self.too_young,
            "released": self.released,
            "decided": self.decided,
            "unknown": self.unknown,
            "listing_read": self.listing_read,
            "doubts": dict(sorted(self.doubts.items())),
            "refuted": self.refuted,
            "exit_code": self.exit_code,
        }


@dataclass(frozen=True)
class ReconcileOptions:
    """What the caller decides about a reconciliation.

    *release* frees the calls that are surely not there; *accept_empty* lets it believe a listing without a known call
    newer than those looked for, or without any call; *decisions* are what a person found out, *by* is their name, else
    whoever runs this; *ledger* overrides the place beside the campaign file.
    """

    ledger: str | Path | None = None
    release: bool = False
    accept_empty: bool = False
    decisions: tuple[Decision, ...] = ()
    by: str | None = None


@dataclass(frozen=True)
class _Lookup:
    """What looking up a campaign's unknown calls takes; the ledger's lock must be held."""

    campaign: Campaign
    ledger: Ledger
    runtime: Runtime
    options: ReconcileOptions
    listings: list[Listing]

    async def run(self, unknown: _ByEndpoint, refused: _ByEndpoint) -> tuple[list[Found], int, bool]:
        """Look for the attempts where each was sent, and store what was found.

        Return what was found of the unknown ones, how many refused ones exist, and whether every listing was read.
        """
        found: list[Found] = []
        refuted, is_read = 0, True
        async with self.runtime.to_ask(self.campaign, self.ledger, self.campaign.submit) as (client, gate):
            for endpoint in {**unknown, **refused}:
                passes = await self._passes(client, gate, endpoint)
                self.listings.extend(passes or [])
                is_read = is_read and (passes is not None or endpoint not in unknown)
                sought, turned_away = unknown.get(endpoint, []), refused.get(endpoint, [])
                found += self._doubt([*sought, *turned_away], passes or [])
                found += self._resolve(endpoint, sought, passes or [])
                refuted += self._refute(endpoint, turned_away, passes or [])
        return found, refuted, is_read

    def _doubt(self, attempts: list[UnknownAttempt], passes: list[Listing]) -> list[Found]:
        with self.ledger.write() as tx:
            doubted = doubt_misplaced(tx, attempts, passes)
            unknown = chain.from_iterable(unknown_attempts(tx, None).values()) if doubted else ()
            new = [item for item in unknown if (item.contact_id, item.number) in doubted]
        return [Found(item, Finding.STILL_UNKNOWN, why=_DOUBTED) for item in new]

    def _refute(self, endpoint: Endpoint, refused: list[UnknownAttempt], passes: list[Listing]) -> int:
        with self.ledger.write() as tx:
            return write_created(tx, find_created(refused, passes, known_calls(tx, endpoint)))

    async def _passes(self, client: "Client", gate: "Gate", endpoint: Endpoint) -> list[Listing] | None:
        if not endpoint.is_reached_at(self.runtime.settings.base_url):
            return None  # another API's listing says nothing about them
        from dialer.api.list_twice import take_passes  # noqa: PLC0415 - 0.2 s that a run without doubts spares

        may_look = partial(gate.may_ask, client)
        place, clock = endpoint.call_template_id, self.runtime.clock
        return await take_passes(client, place, clock, may_look=may_look, leaving=gate.leaving)

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
    """Look up the campaign's unknown calls, free those that surely are not there, and write down what *options* say.

    Raises `CannotStart` and its kin, `LedgerHeld` when a run is going.
    """
    options, runtime = options or ReconcileOptions(), (runtime or Runtime()).of(campaign)
    runtime.settings.require_key()
    location = ledger_location(campaign, runtime.settings, options.ledger)
    opened = open_known(campaign, location, rehearsal=runtime.rehearsal)
    if opened is None:
        step = command("run", campaign.path, sandbox=runtime.rehearsal)
        raise UsageError(f"{campaign.name} has never run, so nothing is unknown. Next: {step}")
    clock = runtime.clock
    name = campaign.name
    with opened, opened.lock(what=f"reconciling {name}", since=clock.now(), campaign=name):
        with opened.write() as tx:
            recover(tx, name, now_ms=clock.now_ms())
        return look_up(campaign, opened, runtime, options)


def _settle_time(campaign: Campaign, ledger: Ledger) -> timedelta:
    """Return how long an unknown call is given to appear: never less than a claim of a holder taken over can live."""
    if not ledger.outlives_locks:
        return campaign.submit.settle_time
    from dialer.api.client import WRITE_SECONDS  # noqa: PLC0415 - as above

    return max(campaign.submit.settle_time, timedelta(seconds=CLAIM_LIFE_SECONDS + WRITE_SECONDS))


def look_up(
    campaign: Campaign, ledger: Ledger, runtime: Runtime, options: ReconcileOptions | None = None
) -> ReconcileSummary:
    """Look up what is unknown of *campaign* in a ledger whose lock is held."""
    options = options or ReconcileOptions()
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        unknown = {} if campaign_id is None else unknown_attempts(tx, campaign_id)
        refused = {} if campaign_id is None else refused_attempts(tx, campaign_id)
        about = contacts_of(tx, campaign_id, options.decisions)
    latest_ms = to_ms(runtime.clock.now() - _settle_time(campaign, ledger))
    ripe = _until(unknown, latest_ms)
    decided_on = set(about.values())
    young = (item for item in chain.from_iterable(unknown.values()) if item.until_ms > latest_ms)
    too_young = sum(item.contact_id not in decided_on for item in young)
    verdicts, found, refuted, is_read = Verdicts(about, options.by), list[Found](), 0, True
    if ripe or refused:
        lookup = _Lookup(campaign, ledger, runtime, options, verdicts.listings)
        found, refuted, is_read = runtime.runner(lookup.run(ripe, refused))
    with ledger.write() as tx:
        undecided = [item for item in found if item.attempt.contact_id not in decided_on]
        released = release_not_found(tx, undecided) if options.release else 0
        decided = verdicts.write(tx, now_ms=runtime.clock.now_ms(), latest_ms=latest_ms)
    left = [item for item in found if item.finding is Finding.CREATED or item.attempt.contact_id not in decided_on]
    findings, doubts = Counter(item.finding for item in left), Counter(item.why for item in left if item.why)
    return ReconcileSummary(campaign.name, findings, too_young, released, is_read, doubts, refuted, decided)


def _until(unknown: _ByEndpoint, latest_ms: int) -> _ByEndpoint:
    """Return the attempts that were settled until *latest_ms*."""
    ripe = {endpoint: [item for item in found if item.until_ms <= latest_ms] for endpoint, found in unknown.items()}
    return {endpoint: found for endpoint, found in ripe.items() if found}
