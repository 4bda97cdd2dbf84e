"""Erases a campaign's people from its ledger and its results, and keeps what is needed never to call them again."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.file import Campaign
from dialer.errors import ResultsNotWritten, UsageError
from dialer.exit_codes import EXIT_OK
from dialer.jobs.locations import RESULTS_FOLDER, RUN_STAMP, ledger_location
from dialer.jobs.run_mark import read_mark
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import Traces, refuse_forgotten, refuse_namesake
from dialer.ledger.database.lock import Copies
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.ledger.purge import People, erase_traces, forget_people, people_of
from dialer.ledger.runs import campaign_id_of
from dialer.words import command, counted, trouble


@dataclass(frozen=True)
class PurgeOptions:
    """What the caller decides about a purge.

    *results_folder* and *ledger* override the places beside the campaign file; *journals* are files deleted as well;
    *force* also erases contacts of whom nobody knows whether their call exists.
    """

    ledger: str | Path | None = None
    results_folder: Path | None = None
    journals: Sequence[Path] = ()
    force: bool = False


class PurgeJson(TypedDict):
    """What `dialer purge --json` prints."""

    campaign: str
    contacts: dict[State, int]
    sheet_rows: int
    runs: int
    files: list[str]
    remembered: int
    exit_code: int


@dataclass(frozen=True)
class PurgeSummary:
    """What a purge erases, or has erased.

    *contacts* by state, *sheet_rows* as stored in the ledger, *files* deleted. *remembered* is how many contacts stay
    as keyed hashes, so that no run calls them again; *runs* is how many stay in the history, with counts alone.
    """

    campaign: str
    contacts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    sheet_rows: int = 0
    runs: int = 0
    files: tuple[Path, ...] = ()
    remembered: int = 0

    @property
    def exit_code(self) -> int:
        """0: a purge that does not end well raises."""
        return EXIT_OK

    def as_json(self) -> PurgeJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "contacts": self.contacts,
            "sheet_rows": self.sheet_rows,
            "runs": self.runs,
            "files": [str(file) for file in self.files],
            "remembered": self.remembered,
            "exit_code": self.exit_code,
        }


def purge_campaign(
    campaign: Campaign,
    *,
    options: PurgeOptions | None = None,
    confirm: Callable[[PurgeSummary], bool] | None = None,
    runtime: Runtime | None = None,
) -> PurgeSummary:
    """Erase the people of *campaign*: their rows and bytes in the ledger, and the files that runs wrote about them.

    *confirm* is told what would be erased, and nothing is unless it says yes. Sheets, results written elsewhere and the
    API's own records are not touched. May be given again, after a failure for instance. Raises `UsageError` when it is
    not confirmed or when calls are in doubt, `LedgerHeld` while a run goes on, `LedgerWriteFailed` and
    `ResultsNotWritten` when the disk refuses.
    """
    options, runtime = options or PurgeOptions(), runtime or Runtime()
    location = ledger_location(campaign, runtime.settings, options.ledger)
    folder = options.results_folder or campaign.folder / RESULTS_FOLDER
    rehearsal = options.results_folder is not None
    mark = None if rehearsal else read_mark(campaign)
    refuse_forgotten(Traces(campaign, folder, mark, rehearsal=rehearsal), location)
    opened = Ledger.open_existing(location)
    if opened is None:
        summary = PurgeSummary(campaign.name, files=_files(campaign, folder, options))
        _ask(summary, confirm)
        _delete(summary.files)
        return summary
    lock = opened.lock(what=f"a purge of {campaign.name}", since=runtime.clock.now(), copies=Copies.BEAR)
    with opened, lock:
        if not rehearsal:
            refuse_namesake(opened, campaign, mark)
        return _purge(campaign, opened, _files(campaign, folder, options), options, confirm)


def _purge(
    campaign: Campaign,
    ledger: Ledger,
    files: tuple[Path, ...],
    options: PurgeOptions,
    confirm: Callable[[PurgeSummary], bool] | None,
) -> PurgeSummary:
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        people = None if campaign_id is None else people_of(tx, campaign_id)
    summary = PurgeSummary(campaign.name, files=files)
    if people is not None:
        if not options.force:
            _refuse_doubt(campaign, people, is_rehearsal=options.results_folder is not None)
        contacts = {state: people.contacts[state] for state in State}
        summary = replace(summary, contacts=contacts, sheet_rows=people.sheet_rows, runs=people.runs)
    _ask(summary, confirm)
    if campaign_id is not None:
        with ledger.write() as tx:
            summary = replace(summary, remembered=forget_people(tx, campaign_id))
    erase_traces(ledger)  # also when nothing is left: an earlier purge may have been cut short here
    _delete(files)
    return summary


def _refuse_doubt(campaign: Campaign, people: People, *, is_rehearsal: bool) -> None:
    if people.in_doubt:
        look_up = command("reconcile", campaign.path, sandbox=is_rehearsal)
        raise UsageError(
            f"{campaign.name}: {counted(people.in_doubt, 'call')} may or may not exist, and after a purge nobody can"
            f" find out. Run `{look_up}` first; or give --force, which erases these people as"
            " well and counts them as called."
        )


def _ask(summary: PurgeSummary, confirm: Callable[[PurgeSummary], bool] | None) -> None:
    if confirm is not None and not confirm(summary):
        raise UsageError("Nothing was erased: the purge was not confirmed.")


def _files(campaign: Campaign, folder: Path, options: PurgeOptions) -> tuple[Path, ...]:
    """Return the files of *folder* that tell about this campaign's people, and not those of `NAME-other`."""
    name = rf"{re.escape(campaign.name)}(-problems|-{RUN_STAMP}(-[0-9a-f]+)?)?\.(csv|xlsx|json|html)"
    wanted = re.compile(rf"{name}|\.{name}\.[^.]+\.part")  # a kill leaves the part that was being written
    return tuple(sorted(_matching(folder, wanted)) + [path for path in options.journals if path.exists()])


def _matching(folder: Path, wanted: re.Pattern[str]) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if wanted.fullmatch(path.name))


def _delete(files: Sequence[Path]) -> None:
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ResultsNotWritten(
                f"{path}: cannot be deleted: {trouble(error)}. The ledger is purged; close the program that has the"
                " file open, then run `dialer purge` again."
            ) from error
