"""What the submitter and the ledger say to each other."""

from dialer.submit import Claim, PlannedCall
from tests.support import number


def test_neither_number_nor_payload_shows_in_a_repr() -> None:
    """A planned call or a claim that ends up in a log or a traceback tells its contact, not the person's number."""
    call = PlannedCall(7, number(3), '{"nameOfHuman": "Ada Example"}', 1_000, 0)
    claim = Claim(7, 1, "a-run", number(3), 1_000, 900)

    shown = repr(call) + repr(claim)
    assert "contact_id=7" in shown
    assert number(3)[1:] not in shown
    assert "Ada" not in shown
