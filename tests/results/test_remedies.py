"""Every reason of a row is told with what to do about it."""

import pytest

from dialer.reasons import Reason
from dialer.results.remedies import remedies, remedy_of


def test_every_reason_has_a_remedy_in_plain_text() -> None:
    """A cell of a workbook shows no marks of Markdown."""
    assert set(remedies()) == set(Reason)
    assert all(remedy_of(reason).endswith(".") and "`" not in remedy_of(reason) for reason in Reason)


@pytest.mark.parametrize(("reason", "begins"), [("api_400", "Mend what the message says"), ("", "")])
def test_a_refusal_of_the_api_has_one_too(reason: str, begins: str) -> None:
    """Whatever its code; where there is no reason, there is nothing to do."""
    assert remedy_of(reason).startswith(begins)
    assert bool(remedy_of(reason)) == bool(reason)
