"""What the submitter and the ledger say to each other: a planned call, its claim, its settlement."""

from dataclasses import dataclass, field

from dialer.calls.outcome import Outcome

CONNECT_SECONDS = 10.0
"""How long the opening of a connection may take."""

MIN_LEAD_MS = round(CONNECT_SECONDS * 1000) + 2_000
"""How far ahead a slot must lie when its request is handed over: one already past may be dialled at once, and a lost
connection may first have to be opened again."""

CLAIM_LIFE_SECONDS = 30.0
"""How long after its claim a request may begin to leave; an older claim is given back unsent, whatever kept it."""


MOVED_MS = 1_000
"""A claim may move its slot by less than this: the caps count a planned call as if it were that much later."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A contact with its slot, ready to be claimed.

    *attempts* counts the attempts already made for it, in any run; *payload* is its own part of the body, JSON; *alone*
    keeps it out of every batch, for one that held it was refused. *row* is its row of the sheet, where one is known.
    *call_template_id* and *from_number* (or its id) are those of this person, None where they are the run's.
    `repr()` shows neither number nor payload.
    """

    contact_id: int
    phone: str = field(repr=False)
    payload: str = field(repr=False)
    slot_ms: int
    attempts: int
    alone: bool = False
    row: int | None = None
    call_template_id: str | None = None
    from_number: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt, as written before its POST: contact, attempt *number* (from 1) and the exact instant.

    *call_template_id* and *from_number* are None where they are the run's.
    `repr()` does not show the phone number.
    """

    contact_id: int
    number: int
    run_id: str
    phone: str = field(repr=False)
    slot_ms: int
    claimed_at_ms: int
    call_template_id: str | None = None
    from_number: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a claimed attempt.

    *again* leaves the contact pending, for another try or another run, instead of failed; it matters only for
    outcomes that surely created nothing.
    """

    claim: Claim
    outcome: Outcome
    settled_at_ms: int
    again: bool = False
