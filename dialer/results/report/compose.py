"""Composes the page of a campaign, or of one run, from what the ledger holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from dialer.calls.pause import Pause
from dialer.campaign.file import Campaign
from dialer.clock import iso_ms
from dialer.contacts.resolve_columns import resolve_columns
from dialer.errors import SheetError
from dialer.ledger.call_reports import ReportedRun, call_reports, reported_runs, unwanted_calls
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.pauses import pauses_of
from dialer.ledger.row_reports import reports, standing_reports
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.suppression_list import OpenCall
from dialer.results.report import frames
from dialer.results.report.content import Ends, Progress, Report
from dialer.results.report.people import ending, people_of
from dialer.results.report.permitted_hours import slots_by_zone
from dialer.results.report.runs import made_with, nights_of, run_line
from dialer.results.report.timeline import timeline_of
from dialer.schedule.compliance import Compliance
from dialer.words import counted

LATELY_MS = 60_000
"""What was done in this time tells how long the rest takes."""

_NO_OWN_NUMBER = "chosen by the API"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about: the whole campaign, or one run; at *now_ms*, with whole numbers where it is *unmasked*.

    *refresh_seconds* is how often a browser loads it anew while a run goes on, None where nothing changes any more.
    *next_step* is told as it is.
    """

    now_ms: int
    run_id: str | None = None
    unmasked: bool = False
    refresh_seconds: int | None = None
    next_step: str = ""


@dataclass(frozen=True)
class _Known:
    """What the ledger holds of the scope: *runs* newest first, *calls*, and of *sent*, the last that sent, its pauses.

    *every_run* is those of the campaign, *unwanted* its calls by number that ring although nobody may be called there.
    """

    every_run: Sequence[ReportedRun]
    runs: Sequence[ReportedRun]
    calls: frames.Frame
    unwanted: Mapping[str, OpenCall]
    sent: ReportedRun | None
    pauses: Sequence[Pause]


def compose(ledger: Ledger, campaign: Campaign, scope: Scope) -> Report | None:
    """Return the page; None where the campaign, or the run, is not in the ledger, or its people were erased."""
    known = _read(ledger, campaign, scope)
    if known is None:
        return None
    rows, calls, last = _rows(ledger, campaign, known, scope), known.calls, known.runs[0]
    return Report(
        title=campaign.name,
        subtitle=_subtitle(known.runs, scope),
        written_at=iso_ms(scope.now_ms),
        next_step=scope.next_step,
        progress=_progress(known, scope),
        funnel=frames.funnel(rows, now_ms=scope.now_ms),
        statuses=frames.statuses(rows),
        reasons=frames.reasons(rows),
        zones=slots_by_zone(frames.ringing(calls), Compliance(campaign.schedule, campaign.limits)),
        timeline=None
        if known.sent is None
        else timeline_of(calls, known.sent.run.id, _limit(known.sent, campaign), known.pauses, now_ms=scope.now_ms),
        ends=_ends(frames.created(calls), known.runs, scope),
        nights=nights_of(known.every_run, now_ms=scope.now_ms),
        people=people_of(rows, known.unwanted, unmasked=scope.unmasked),
        runs=[run_line(item) for item in known.runs],
        facts=made_with(campaign, last),
        is_masked=not scope.unmasked,
        refresh_seconds=scope.refresh_seconds,
    )


def _read(ledger: Ledger, campaign: Campaign, scope: Scope) -> _Known | None:
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        if campaign_id is None:
            return None
        every_run = reported_runs(tx, campaign_id)
        runs = [item for item in every_run if scope.run_id in (None, item.run.id)]
        if not runs or not runs[0].run.header:
            return None
        sent = next((item for item in runs if item.outcomes), None)
        calls = frames.frame_of_calls(call_reports(tx, campaign_id, scope.run_id))
        unwanted = unwanted_calls(tx, campaign_id, from_ms=scope.now_ms)
        return _Known(every_run, runs, calls, unwanted, sent, pauses_of(tx, (sent or runs[0]).run.id))


def _rows(ledger: Ledger, campaign: Campaign, known: _Known, scope: Scope) -> frames.Frame:
    run = known.runs[0].run
    try:
        names: Sequence[int] = resolve_columns(run.header, campaign.contacts, where=campaign.name).names
    except SheetError:  # the campaign file has changed since: rows are told without names
        names = ()
    if scope.run_id is not None:
        return frames.frame_of_rows(reports(ledger, run), names)
    return frames.frame_of_rows(standing_reports(ledger, [item.run for item in known.runs], run.header), names)


def _subtitle(runs: Sequence[ReportedRun], scope: Scope) -> str:
    run = runs[0].run
    began = f"{iso_ms(run.started_at_ms)[:16].replace('T', ' ')} UTC"
    if scope.run_id is None:
        return f"{counted(len(runs), 'run')}, the last begun {began}"
    end = "" if run.exit_code is None else f", ended with exit {run.exit_code}"
    return f"Run {run.id}, begun {began}{end}"


def _progress(known: _Known, scope: Scope) -> Progress | None:
    """Return how far a run is that goes on."""
    if scope.refresh_seconds is None:
        return None
    since_ms = max(scope.now_ms - LATELY_MS, known.runs[0].run.started_at_ms)
    done, lately, waiting = frames.progress(known.calls, since_ms=since_ms)
    held = [pause for pause in known.pauses if pause.until_ms is None or pause.until_ms > scope.now_ms]
    seconds = (scope.now_ms - since_ms) / 1000
    left = str(timedelta(seconds=round(waiting * seconds / lately))) if lately and waiting else ""
    return Progress(done, done + waiting, "" if held else left, held[-1].described if held else "")


def _limit(sent: ReportedRun, campaign: Campaign) -> float:
    """Return the calls a second that the run might create: those of today's campaign file where it did not say."""
    now = campaign.submit.requests_per_second * campaign.submit.batch_size
    return float(sent.facts.get("calls_per_second") or now)


def _ends(made: frames.Frame, runs: Sequence[ReportedRun], scope: Scope) -> Ends | None:
    asked = int(made["status"].notna().sum())
    if not asked:
        return None
    of_runs = made["run_id"].map({item.run.id: str(item.facts.get("from_number") or "") for item in runs})
    used = made["from_number"].fillna(of_runs).map(lambda number: _shown(number, unmasked=scope.unmasked))
    made = made.assign(from_number=used)
    lengths, talk = frames.durations(made)
    return Ends(
        asked=asked,
        calls=len(made),
        dispositions=frames.dispositions(made),
        durations=lengths,
        talk=talk,
        by_hour=frames.answered(made, "hour", {hour: f"{hour:02d}" for hour in frames.HOURS}),
        by_weekday=frames.answered(made, "weekday", dict(enumerate(frames.WEEKDAYS))),
        by_from_number=frames.answered(made, "from_number", {each: each for each in sorted(set(used))}),
    )


def _shown(number: str, *, unmasked: bool) -> str:
    return (number if unmasked else ending(number)) or _NO_OWN_NUMBER
