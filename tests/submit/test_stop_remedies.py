"""Whatever stops a run early, what to do about it is said, with the key's source and the address that was asked."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.calls.outcome import Stop, StopCode
from dialer.settings import Settings
from dialer.submit.stop_remedies import with_remedy

NOTHING_TO_MEND = {
    StopCode.INTERRUPTED,
    StopCode.STOP_REQUESTED,
    StopCode.PAUSED,
    StopCode.PAUSE_TOO_LONG,
    StopCode.FELL_BEHIND,
}
SAYS_IT_ITSELF = {
    StopCode.LEDGER_FAILED,
    StopCode.LEDGER_LOST,
    StopCode.LOCK_LOST,
    StopCode.EARLIER_CALLS_UNREAD,
    StopCode.SUPPRESSION_UNREADABLE,
}
"""Their messages end with what to do."""


@pytest.mark.parametrize("code", list(StopCode))
def test_every_stop_has_its_remedy_or_needs_none(code: StopCode) -> None:
    """No kind is forgotten: a sentence, or a message that says it, or nothing to mend."""
    stop = with_remedy(Stop(code, "It stopped."), Settings())

    assert bool(stop.remedy) != (code in NOTHING_TO_MEND | SAYS_IT_ITSELF)
    assert stop.told == f"It stopped. {stop.remedy}".strip()
    assert "{" not in stop.remedy


@pytest.mark.parametrize(
    ("settings", "source"),
    [
        (Settings(api_key=SecretStr("k"), api_key_file=Path("/x/key")), "into AICALLER_API_KEY."),
        (Settings(api_key_file=Path("/x/key")), "into /x/key, the file that AICALLER_API_KEY_FILE names."),
        (Settings(), "into the system's keyring (keyring set dialer aicaller) or AICALLER_API_KEY."),
    ],
)
def test_a_refused_key_is_told_with_its_source(settings: Settings, source: str) -> None:
    """In the order in which they are looked at, and never with the key."""
    assert with_remedy(Stop(StopCode.KEY_REFUSED, "Refused."), settings).remedy.endswith(source)


def test_a_wrong_address_is_told_with_the_one_that_was_asked() -> None:
    """Nobody has to look up what is set."""
    settings = Settings(base_url="https://api.example.com")

    assert "(now https://api.example.com)" in with_remedy(Stop(StopCode.WRONG_ADDRESS, "A redirect."), settings).remedy
