"""What the submitter and the ledger say to each other."""

from dialer.calls.attempt import Claim, PlannedCall
from dialer.calls.reconciliation import Finding, Found, ListedCall, Listing, UnknownAttempt
from tests.support import number


def test_neither_number_nor_payload_shows_in_a_repr() -> None:
    """A planned call or a claim that ends up in a log or a traceback tells its contact, not the person's number."""
    call = PlannedCall(7, number(3), '{"nameOfHuman": "Ada Example"}', 1_000, 0)
    claim = Claim(7, 1, "a-run", number(3), 1_000, 900)

    shown = repr(call) + repr(claim)
    assert "contact_id=7" in shown
    assert number(3)[1:] not in shown
    assert "Ada" not in shown


def test_no_number_shows_in_the_repr_of_what_was_looked_for() -> None:
    """Neither an unknown attempt nor a listed call, nor what holds them, tells whose number it is."""
    attempt = UnknownAttempt(7, 1, number(3), 1_000, 900, 950)
    listing = Listing((ListedCall("call-1", number(3), 1_000, 900),), "")

    shown = repr(Found(attempt, Finding.CREATED, "call-1")) + repr(listing)
    assert "contact_id=7" in shown
    assert "call-1" in shown
    assert number(3)[1:] not in shown
