"""Notifies people of how a run or a night went, by mail or in a chat: five lines, to where the environment says.

A notice never decides anything: one that fails is logged without its address, and nothing else.
"""

import logging
from dataclasses import dataclass
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING

from dialer.errors import UsageError
from dialer.exit_codes import EXIT_CODES
from dialer.extras import install_command
from dialer.jobs.sending.summary import RunSummary
from dialer.settings import Settings
from dialer.words import masked

if TYPE_CHECKING:
    from apprise import Apprise

NOTICE_SECONDS = 30.0
"""How long a notice may take, to all of its addresses: a mail server that is down must not hold a run up."""

_LONGEST_LINE = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """How a run or a *night* of *campaign* ended. *summary* is that of its run, None where none was begun.

    *problem* is the first one, where the summary does not know of it.
    """

    campaign: str
    exit_code: int
    summary: RunSummary | None = None
    problem: str = ""
    night: date | None = None

    @property
    def title(self) -> str:
        """The subject of a mail."""
        night = "" if self.night is None else f", night of {self.night}"
        return f"dialer: {self.campaign}{night}: exit {self.exit_code}"

    @property
    def text(self) -> str:
        """Five lines: how it ended, counts, the first problem, what to do next, where to look. No whole number."""
        lines = (
            f"{self.campaign}: {EXIT_CODES.get(self.exit_code, 'ended')} (exit {self.exit_code}).",
            self._counts(),
            f"First problem: {masked(self._problem())}",
            f"Next: {self._next()}",
            self._place(),
        )
        return "\n".join(" ".join(line.split())[:_LONGEST_LINE] for line in lines)

    def _counts(self) -> str:
        if self.summary is None:
            return "Rows: none, no run was begun."
        return "Rows: " + ", ".join(f"{count:,} {status}" for status, count in self.summary.counts.items()) + "."

    def _problem(self) -> str:
        if self.summary is None or self.problem:
            return self.problem or "none"
        return self.summary.tally.first_problem or "none"

    def _next(self) -> str:
        step = None if self.summary is None else self.summary.next_step
        return str(step) if step is not None else "nothing" if not self.problem else "mend the problem, and run again"

    def _place(self) -> str:
        if self.summary is not None and self.summary.report is not None:
            return f"Report: {self.summary.report}"
        results = None if self.summary is None else self.summary.results
        return "Report: none" if results is None else f"Results: {results}"


def notice_of(summary: RunSummary) -> Notice:
    """Return the notice of a run by hand."""
    problem = "" if summary.stop is None else summary.stop.message
    return Notice(summary.campaign, summary.exit_code, summary, problem)


def notify(settings: Settings, notice: Notice, *, seconds: float = NOTICE_SECONDS) -> None:
    """Send *notice* to the addresses of `DIALER_NOTIFY`, if it holds any; wait at most *seconds*. Raises nothing."""
    if settings.notify is None:
        return
    sending = Thread(target=_send, args=(settings.notify.get_secret_value(), notice), daemon=True)
    sending.start()
    sending.join(seconds)
    if sending.is_alive():
        _warn(f"a notice was not taken within {seconds:g} seconds")


def _send(addresses: str, notice: Notice) -> None:
    try:
        _deliver(addresses, notice)
    except UsageError as error:
        _warn(f"a notice was not sent: {error}")
    except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
        _warn(f"a notice was not sent: unexpected {type(error).__name__}. Look at the addresses of DIALER_NOTIFY")


def _deliver(addresses: str, notice: Notice) -> None:
    receivers = no_receivers()
    if not receivers.add(addresses):
        _warn("an address of DIALER_NOTIFY cannot be understood")
    if len(receivers) and not hand_over(notice, receivers):
        _warn("a notice was not taken")


def no_receivers() -> "Apprise":
    """Return an empty list of receivers, to add addresses to. Raises `UsageError` where the part is not installed."""
    logging.getLogger("apprise").disabled = True  # its messages name addresses, which hold passwords
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"Notifications are not installed. Run: {install_command('notify')}") from error
    # Without images: a chat would load apprise's own from its host.
    asset = apprise.AppriseAsset(app_id="dialer", app_desc="dialer", app_url="", image_url_mask="", image_url_logo="")
    return apprise.Apprise(asset=asset)


def hand_over(notice: Notice, receivers: "Apprise") -> bool:
    """Send *notice* to each of *receivers*; return whether all have taken it."""
    return bool(receivers.notify(body=notice.text, title=notice.title, body_format="text"))


def _warn(what: str) -> None:
    _log.warning("%s", what, extra={"action": "notice"})
