"""The country of numbers that are written without one is proposed only where they, or the headers, speak for it."""

import pytest

from dialer.contacts.likely_region import likely_region


@pytest.mark.parametrize(
    ("numbers", "header", "region"),
    [
        (["202-555-0101", "(212) 555-0123"], ["Name", "Phone"], "US"),
        (["03-1234-5601", "090-1234-5602"], ["\u6c0f\u540d", "\u30e1\u30fc\u30eb"], "JP"),
        (["8 (495) 123-45-67", "8 916 123-45-67"], ["\u0424\u0418\u041e", "Phone"], "RU"),
        (["03-512-3456"], ["\u05e9\u05dd"], "IL"),
        (["02-123-4567"], ["\uc774\ub984"], "KR"),
        (["12", "13"], ["Name"], None),
        (["12", "13"], ["\u0424\u0418\u041e"], None),
    ],
)
def test_the_headers_script_says_more_than_numbers(numbers: list[str], header: list[str], region: str | None) -> None:
    """Numbers of Japan fit Italy as well; nobody writes Katakana there."""
    assert likely_region(numbers, header) == region
