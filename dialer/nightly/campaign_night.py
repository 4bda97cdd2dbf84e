"""One campaign's night: enabled, not done, not too late; then its newest sheet is run, and somebody is notified."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.address import STANDARD_INPUT, Address, may_be_database, shown
from dialer.campaign.file import Campaign
from dialer.clock import from_ms
from dialer.errors import CampaignError, DialerError, NightDone
from dialer.exit_codes import EXIT_BUG, EXIT_HELD, EXIT_OK, EXIT_STOPPED, EXIT_USAGE, GOOD_EXITS, exit_code_of
from dialer.jobs.locations import ledger_location, unused_path
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known
from dialer.jobs.sending.notice import Notice, notify
from dialer.jobs.sending.options import Listener, RunOptions
from dialer.jobs.sending.stops import done_night
from dialer.jobs.sending.summary import RunJson, RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.nights import note_told
from dialer.nightly.night_date import is_too_late, night_of
from dialer.nightly.notify import ping, post_summary
from dialer.nightly.recalled import recalled
from dialer.schedule.places.tz_database import load_zone
from dialer.sheets.newest_file import newest_sheet
from dialer.tls import shared_context
from dialer.words import counted

PROCESS_DIED = "process_died"
"""The error of a night whose process was ended by something else: it may be gone on with by itself."""

UNTOLD = timedelta(minutes=10)
"""So long after its end a night is told by whoever did it: who has not told it by then was killed meanwhile."""


class NightJson(TypedDict):
    """What became of one campaign in one night, as `on_finish` gets it; *error* is the code of one that ended it."""

    campaign: str
    night: str | None
    exit_code: int
    message: str
    error: str | None
    run: RunJson | None


@dataclass(frozen=True)
class Night:
    """What became of one campaign in one night; *summary* is that of its run, where there was one now.

    *message* says what a person has to know, "" where the summary says it all; *error* is the code of an error that
    ended it.
    """

    campaign: str
    date: date | None
    exit_code: int
    message: str = ""
    summary: RunSummary | None = None
    is_done_already: bool = False
    error: str | None = None

    @property
    def text(self) -> str:
        """One line for people."""
        counts = {} if self.summary is None else self.summary.counts
        counted = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        parts = [f"exit {self.exit_code}", counted, self.message]
        return f"{self.campaign} {self.date or ''}".strip() + ": " + "; ".join(part for part in parts if part)

    def as_json(self) -> NightJson:
        """Return the object that `--json` prints for this campaign."""
        return {
            "campaign": self.campaign,
            "night": None if self.date is None else self.date.isoformat(),
            "exit_code": self.exit_code,
            "message": self.message,
            "error": self.error,
            "run": None if self.summary is None else self.summary.as_json(),
        }


@dataclass(frozen=True)
class NightJob:
    """What every campaign of a folder is run with; *night* is the one that was asked for, None: that of now."""

    runtime: Runtime
    listener: Listener
    ledger: str | Path | None = None
    take_signals: bool = False
    night: date | None = None

    def live(self, campaign: Campaign) -> Night:
        """Do what the night holds for *campaign*; whatever goes wrong is in what is given back."""
        zone = load_zone(campaign.nightly.timezone)
        tonight = night_of(self.runtime.clock.now(), at=campaign.nightly.at, zone=zone)
        night = self.night or tonight
        try:
            done = self._done(campaign, night)
        except DialerError as error:
            return self.told(campaign, Night(campaign.name, night, exit_code_of(error), str(error), error=error.code))
        if done is not None:
            return self.told(campaign, done)
        if night != tonight:
            message = f"The night of {night} was over before it was begun."
            return self.told(campaign, Night(campaign.name, night, EXIT_STOPPED, message))
        if is_too_late(
            self.runtime.clock.now(),
            night=night,
            at=campaign.nightly.at,
            not_after=campaign.nightly.not_after,
            zone=zone,
        ):
            message = f"it is past {campaign.nightly.not_after:%H:%M} ({campaign.nightly.timezone}): too late to begin"
            return self.told(campaign, Night(campaign.name, night, EXIT_STOPPED, message))
        self._ping(campaign, "start")
        return self.told(campaign, self._run(campaign, night))

    def _done(self, campaign: Campaign, night: date) -> Night | None:
        """Return what became of this night where a run has done it.

        Where whoever did it died before telling, it is told now, as the ledger knows it.
        """
        opened = self._ledger(campaign)
        if opened is None:
            return None
        with opened:
            done = done_night(opened, campaign.name, night)
            if done is None:
                return None
            ended_at = from_ms(done.ended_at_ms or 0)
            is_being_told = self.night is None and self.runtime.clock.now() - ended_at < UNTOLD
            if not done.is_told and not is_being_told:
                path = results_path(campaign, night)
                summary = recalled(opened, campaign, done.run_id, results=path)
                message = "told by a later start, as the ledger knows it: the first one ended before it could tell"
                return Night(campaign.name, night, done.exit_code or EXIT_OK, message, summary)
        message = f"done already by {done.run_id}"
        return Night(campaign.name, night, done.exit_code or EXIT_OK, message, is_done_already=True)

    def _ledger(self, campaign: Campaign) -> Ledger | None:
        return open_known(campaign, ledger_location(campaign, self.runtime.settings, self.ledger))

    def note_told(self, campaign: Campaign, night: Night) -> None:
        """Note in the ledger that a *night* that is done has been told: no later start tells it again."""
        if night.summary is None or night.exit_code not in GOOD_EXITS:
            return
        with suppress(DialerError):  # then it is told again, which is better than not at all
            opened = self._ledger(campaign)
            if opened is not None:
                with opened, opened.write_own() as tx:
                    note_told(tx, night.summary.run_id)

    def _run(self, campaign: Campaign, night: date) -> Night:
        try:
            sheet = self._sheet(campaign)
            options = RunOptions(
                results=results_path(campaign, night), ledger=self.ledger, night=night, take_signals=self.take_signals
            )
            summary = run_campaign(
                campaign.with_contacts(sheet), options=options, listener=self.listener, runtime=self.runtime
            )
        except NightDone as error:
            done = Night(campaign.name, night, EXIT_OK, str(error), is_done_already=True)
            return self._done(campaign, night) or done
        except DialerError as error:
            return Night(campaign.name, night, exit_code_of(error), str(error), error=error.code)
        except Exception as error:  # noqa: BLE001 - a bug in one campaign must not keep the others from their night
            return Night(campaign.name, night, EXIT_BUG, f"Unexpected {type(error).__name__}: this is a bug.")
        sentences = [] if summary.stop is None else [summary.stop.told]
        if summary.sync is not None and summary.sync.still_open:
            sentences.append(
                f"to cancel: {counted(len(summary.sync.still_open), 'call')} of people who asked for no more"
            )
        message = " ".join(sentences)
        return Night(campaign.name, night, summary.exit_code, message, summary)

    def _sheet(self, campaign: Campaign) -> Path | Address:
        """Return tonight's sheet: the newest file, or the address as it is, which gives what holds now."""
        sheet, max_age = campaign.sheet, campaign.nightly.max_age
        if isinstance(sheet, Path):
            return self.runtime.runner(newest_sheet(sheet, max_age=max_age, clock=self.runtime.clock))
        if sheet == STANDARD_INPUT:
            raise CampaignError(f"{campaign.path}: file is standard input, and nobody pipes a sheet into a night.")
        if max_age is not None and not may_be_database(sheet):
            raise CampaignError(
                f"{campaign.path}: max_age under [nightly] is for files, and {shown(sheet)} is read as it is"
                " now. Leave max_age out."
            )
        return sheet

    def told(self, campaign: Campaign, night: Night) -> Night:
        """Notify whomever the campaign names; no answer changes anything. Who holds the ledger or did it reports it."""
        if night.exit_code == EXIT_HELD or night.is_done_already:
            return night
        self._ping(campaign, "" if night.exit_code in GOOD_EXITS else "fail", body=night.text)
        if campaign.nightly.on_finish is not None:
            content = json.dumps(night.as_json(), ensure_ascii=False).encode()
            self.runtime.runner(post_summary(campaign.nightly.on_finish, content, context=shared_context()))
        notify(self.runtime.settings, Notice(night.campaign, night.exit_code, night.summary, night.message, night.date))
        return night

    def _ping(self, campaign: Campaign, what: str, *, body: str = "") -> None:
        if campaign.nightly.ping_url is not None:
            self.runtime.runner(ping(campaign.nightly.ping_url, what=what, body=body, context=shared_context()))


def results_path(campaign: Campaign, night: date) -> Path:
    """Return the place of a night's results, as `[nightly] results` says: never over those of an earlier start."""
    name = campaign.nightly.results.format(name=campaign.name, date=night.isoformat())
    return unused_path(campaign.resolve(Path(name)))


def unreadable(path: Path, error: DialerError) -> Night:
    """Return the entry of a campaign file that cannot be read, so that nobody knows whether it has a night."""
    return Night(path.stem, None, EXIT_USAGE, str(error), error=error.code)
