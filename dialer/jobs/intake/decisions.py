"""What a person found out about unknown calls, written down with who said so and when."""

import getpass
import re
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from dialer.calls.reconciliation import Listing, UnknownAttempt
from dialer.errors import CallIdKnown, UsageError
from dialer.ledger.database.engine import Transaction
from dialer.ledger.transitions.decided import call_of, decide, rows_of_unknown
from dialer.ledger.transitions.reconciled import unknown_attempts

_DECISION = re.compile(r"([1-9][0-9]{0,7})=(none|[A-Za-z0-9][A-Za-z0-9_-]{0,99})")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """That the call of a *row*, as the results number it, is *call_id*; None: that there is none."""

    row: int
    call_id: str | None


def parse_decisions(texts: Iterable[str]) -> tuple[Decision, ...]:
    """Read `ROW=none` and `ROW=CALL_ID`. Raises `UsageError` for anything else, and for a row or an id given twice."""
    found = []
    for text in texts:
        match = _DECISION.fullmatch(text.strip())
        if match is None:
            raise UsageError(
                f"--decide {text!r}: write the row's number in the results and what you found, such as 4=none, or"
                " 4=363573667364666473667334 for the id of its call."
            )
        found.append(Decision(int(match[1]), None if match[2] == "none" else match[2]))
    ids = [item.call_id for item in found if item.call_id is not None]
    if len({item.row for item in found}) < len(found) or len(set(ids)) < len(ids):
        raise UsageError("--decide: a row or an id is given twice.")
    return tuple(found)


def whoever_runs() -> str:
    """Return the account and machine of this process, such as `ada@office`."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        account = "somebody"
    return f"{account}@{socket.gethostname()}"


def checked_name(by: str | None) -> str:
    """Return who decides: *by*, or whoever runs this. Raises `UsageError` for a name that nobody could read later."""
    name = whoever_runs() if by is None else by.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise UsageError(f"--by: give a name of 1 to {_LONGEST_NAME} characters.")
    return name


def contacts_of(tx: Transaction, campaign_id: int | None, decisions: Sequence[Decision]) -> dict[Decision, int]:
    """Return the contact that each decision is about. Raises `UsageError` for a row that is not unknown."""
    rows = rows_of_unknown(tx, campaign_id) if decisions and campaign_id is not None else {}
    found = {}
    for item in decisions:
        contacts = rows.get(item.row, [])
        if len(contacts) != 1:
            what = "stands in two sheets, and is unknown in both" if contacts else "is not unknown"
            unknown = ", ".join(map(str, sorted(rows))) or "none"
            raise UsageError(f"--decide: row {item.row} {what}. Unknown rows: {unknown}.")
        found[item] = contacts[0]
    return found


@dataclass(frozen=True)
class Verdicts:
    """Decisions to write down: about which contact each is, whose they are (*by*), and what the API lists."""

    contacts: Mapping[Decision, int]
    by: str | None
    listings: list[Listing] = field(default_factory=list)

    def write(self, tx: Transaction, *, now_ms: int, latest_ms: int) -> int:
        """Write all of them or none, and return how many were new.

        An attempt that may have been made after *latest_ms* is too young to be called off. Raises `UsageError` where
        the API's own listing says otherwise, or another row has the id.
        """
        if not self.contacts:
            return 0
        by = checked_name(self.by)
        attempts = {item.contact_id: item for item in chain.from_iterable(unknown_attempts(tx, None).values())}
        made = 0
        for decision, contact_id in self.contacts.items():
            attempt = attempts.get(contact_id)
            if attempt is None:  # the listing has just told
                call_id = call_of(tx, contact_id)
                if call_id is None or call_id != decision.call_id:
                    raise UsageError(f"--decide: row {decision.row} is not unknown any more: its call is {call_id}.")
                continue
            self._refuse_contradiction(decision, attempt, latest_ms)
            try:
                decide(tx, attempt, decision.call_id, by=by, at_ms=now_ms)
            except CallIdKnown as error:
                raise UsageError(f"--decide: row {decision.row}: {error} Nothing was decided.") from error
            made += 1
        return made

    def _refuse_contradiction(self, decision: Decision, attempt: UnknownAttempt, latest_ms: int) -> None:
        where = f"--decide: row {decision.row}: "
        if decision.call_id is None:
            if attempt.until_ms > latest_ms:
                raise UsageError(f"{where}is too young: its call may still appear (settle_time). Try again in minutes.")
            return
        phones = {call.phone for listing in self.listings for call in listing.calls if call.call_id == decision.call_id}
        is_whole = bool(self.listings) and not any(listing.cut for listing in self.listings)
        if phones - {attempt.phone}:
            raise UsageError(f"{where}the API lists {decision.call_id} with another number. Nothing was decided.")
        if is_whole and not phones:
            raise UsageError(f"{where}the API lists no call {decision.call_id}. Nothing was decided.")
