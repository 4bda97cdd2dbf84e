"""Promises about when a listing is taken for all there is: whatever may speak of another page speaks against it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.listing import PAGE_SIZES, parse_listing, why_cut
from tests.support import number


@pytest.mark.parametrize("size", sorted(PAGE_SIZES))
def test_a_list_of_a_pages_length_may_be_a_page(size: int) -> None:
    """Services cut listings at round numbers; one call less and it counts."""
    assert why_cut({"data": []}, size)
    assert why_cut({"data": []}, size - 1) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"next": "/page/2"},
        {"hasMore": True},
        {"has_next": True},
        {"truncated": True},
        {"nextCursor": "abc"},
        {"nextOffset": 100},
        {"@nextLink": "https://api.example.com/?skip=3"},
        {"later": "/v1/phoneCalls?page=2"},
        {"total": 4},
        {"totalCount": 100},
        {"total_count": 4.0},
        {"totalPages": 2},
        {"meta": {"total": 500}},
        {"pagination": {"hasMore": False}},
        {"links": {"next": "/p2"}},
        {"links": ["/p2"]},
    ],
    ids=str,
)
def test_a_reply_that_may_speak_of_more_is_cut(more: dict[str, Any]) -> None:
    """The documentation shows no paging, but should there be some, in whatever words, it is noticed."""
    assert why_cut({"data": [1, 2, 3]} | more, 3)


@pytest.mark.parametrize(
    "besides",
    [
        {},
        {"total": 3},
        {"count": 3, "totalPages": 1},
        {"next": None, "cursor": "", "hasMore": False, "links": {}},
        {"success": True, "status": 200, "message": "OK", "page": 1},
    ],
    ids=str,
)
def test_a_reply_that_says_it_is_whole_counts(besides: dict[str, Any]) -> None:
    """What repeats the status, or says that nothing follows, casts no doubt on the list."""
    assert why_cut({"data": [1, 2, 3]} | besides, 3) == ""


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=6), st.none() | st.booleans() | st.floats() | st.text(max_size=4)))
def test_no_reply_is_too_strange(reply: dict[str, Any]) -> None:
    """Whatever stands beside the list, there is an answer."""
    assert isinstance(why_cut(reply, 3), str)


@pytest.mark.parametrize("shown", ["+1201555****", "12015550100", "(201) 555-0100", "+1 201 555 0100", "", "hidden"])
def test_numbers_written_otherwise_prove_no_absence(shown: str) -> None:
    """Masked, or without its plus, no number is found in the listing: that nobody is there says nothing."""
    calls = [{"_id": "call-1", "toPhoneNumber": number(1)}, {"_id": "call-2", "toPhoneNumber": shown}]
    listing = parse_listing(json.dumps({"data": calls}).encode())
    assert listing is not None
    assert "1 entry with a number" in listing.cut
