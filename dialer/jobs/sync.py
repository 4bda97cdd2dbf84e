"""Finds out how calls ended by asking the API; a person who asked for no more calls is written down as such."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from dialer.calls.disposition import GONE, WATCHED, Disposition
from dialer.calls.outcome import Stop, StopJson
from dialer.campaign.file import Campaign
from dialer.clock import to_ms
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_FAILED_ROWS, EXIT_OK, EXIT_STOPPED
from dialer.jobs.locations import ledger_location
from dialer.jobs.record_dispositions import record_ends
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known
from dialer.ledger.database.open import Ledger
from dialer.ledger.dispositions import CreatedCall, calls_without_end
from dialer.ledger.live.breaker import stop_by_ends
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.suppression_list import OpenCall, OpenCallJson
from dialer.submit.stop_remedies import with_remedy
from dialer.words import command

if TYPE_CHECKING:
    pass


class SyncJson(TypedDict):
    """What `dialer sync --json` prints."""

    campaign: str
    ended: dict[str, int]
    running: dict[str, int]
    gone: int
    elsewhere: int
    unread: int
    opted_out: int
    open_calls: list[OpenCallJson]
    stop: StopJson | None
    exit_code: int


@dataclass
class SyncSummary:
    """What a sync found out.

    *ended* counts the calls that are over by the API's word (status, and code where there is one), *running* those
    that are not yet, by status. *gone* ones are new to that list: the API knows them no more. *elsewhere* ones were
    sent to another address than the one that is asked now, *unread* ones could not be read. *opted_out* contacts said
    not to be called again; *still_open* calls to their numbers exist already, or may, and ring all the same.
    """

    campaign: str
    ended: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    gone: int = 0
    elsewhere: int = 0
    unread: int = 0
    opted_out: int = 0
    still_open: tuple[OpenCall, ...] = ()
    stop: Stop | None = None

    @property
    def exit_code(self) -> int:
        """5 when it had to stop, 3 when calls were gone, elsewhere or could not be read, else 0."""
        if self.stop is not None:
            return EXIT_STOPPED
        return EXIT_FAILED_ROWS if self.gone or self.elsewhere or self.unread else EXIT_OK

    def as_json(self) -> SyncJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "ended": dict(sorted(self.ended.items())),
            "running": dict(sorted(self.running.items())),
            "gone": self.gone,
            "elsewhere": self.elsewhere,
            "unread": self.unread,
            "opted_out": self.opted_out,
            "open_calls": [call.as_json() for call in self.still_open],
            "stop": None if self.stop is None else self.stop.as_json(),
            "exit_code": self.exit_code,
        }

    def add(self, call: CreatedCall, disposition: Disposition, *, seen_at_ms: int) -> None:
        """Count how one call stands."""
        if disposition.status == GONE:
            self.gone += not call.was_gone
        elif disposition.is_final(seen_at_ms=seen_at_ms):
            self.ended[" ".join(filter(None, [disposition.status, disposition.status_code]))] += 1
        else:
            self.running[disposition.status] += 1
        self.opted_out += disposition.asks_never_again


def sync_campaign(
    campaign: Campaign,
    *,
    ledger: str | Path | None = None,
    runtime: Runtime | None = None,
) -> SyncSummary:
    """Ask how the campaign's calls ended whose slot has passed, and store it.

    Raises `CannotStart` and its kin, `LedgerHeld` when a run is going; what the API does is in the summary instead.
    """
    runtime = (runtime or Runtime()).of(campaign)
    runtime.settings.require_key()
    location = ledger_location(campaign, runtime.settings, ledger)
    opened = open_known(campaign, location, rehearsal=runtime.rehearsal)
    if opened is None:
        step = command("run", campaign.path, sandbox=runtime.rehearsal)
        raise UsageError(f"{campaign.name} has never run, so it has no calls. Next: {step}")
    name = campaign.name
    with opened, opened.lock(what=f"a sync of {name}", since=runtime.clock.now(), campaign=name):
        return sync_ends(campaign, opened, runtime)


def sync_ends(campaign: Campaign, ledger: Ledger, runtime: Runtime) -> SyncSummary:
    """Do what `sync_campaign` does, in a ledger whose lock is held."""
    summary = SyncSummary(campaign.name)
    now = runtime.clock.now()
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        due = (
            []
            if campaign_id is None
            else calls_without_end(tx, campaign_id, slots_from_ms=to_ms(now - WATCHED), slots_to_ms=to_ms(now))
        )
    here = [call for call in due if call.sent_to.is_reached_at(runtime.settings.base_url)]
    summary.elsewhere = len(due) - len(here)
    if here:
        sync = _Sync(campaign, ledger, runtime, summary)
        runtime.runner(sync.run(here))
    stop_by_ends(ledger, campaign, now_ms=runtime.clock.now_ms())
    return summary


@dataclass(frozen=True)
class _Sync:
    campaign: Campaign
    ledger: Ledger
    runtime: Runtime
    summary: SyncSummary

    async def run(self, due: Sequence[CreatedCall]) -> None:
        """Ask about the *due* calls and store every portion as it comes: an interruption loses none of it."""
        from dialer.submit.status_poller import Poller  # noqa: PLC0415 - 0.2 s that a run without calls to ask about spares

        call_of = {call.call_id: call for call in due}
        by_template: dict[str, list[str]] = {}
        for call in due:
            by_template.setdefault(call.sent_to.call_template_id, []).append(call.call_id)
        async with self.runtime.to_ask(self.campaign, self.ledger, self.campaign.submit) as (client, gate):
            poller = Poller(client, gate, self.campaign.submit)
            for template, call_ids in by_template.items():
                async for portion in poller.poll(call_ids, template):
                    self._store([(call_of[item.call_id], item) for item in portion])
        self.summary.unread = poller.unread
        self.summary.stop = gate.stop and with_remedy(gate.stop, self.runtime.settings)

    def _store(self, found: Sequence[tuple[CreatedCall, Disposition]]) -> None:
        seen_at_ms = self.runtime.clock.now_ms()
        self.summary.still_open += record_ends(self.ledger, found, seen_at_ms=seen_at_ms)
        for call, disposition in found:
            self.summary.add(call, disposition, seen_at_ms=seen_at_ms)
