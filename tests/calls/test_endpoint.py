"""Promises about which calls one listing holds: a wrong answer would release calls that exist."""

import pytest

from dialer.calls.endpoint import Endpoint, is_loopback

API = "https://api.example.com"
HERE, HERE_AGAIN = "http://127.0.0.1:40001", "http://localhost:40002"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Endpoint(API, "a"), Endpoint(API, "a"), True),
        (Endpoint(API, "a"), Endpoint(API, "b"), False),
        (Endpoint(API, "a"), Endpoint("https://other.example.com", "a"), False),
        (Endpoint(HERE, "a"), Endpoint(HERE_AGAIN, "a"), True),
        (Endpoint(HERE, "a"), Endpoint(HERE_AGAIN, "b"), False),
        (Endpoint(HERE, "a"), Endpoint(API, "a"), False),
    ],
)
def test_one_listing_holds_the_calls_of_one_place_and_template(one: Endpoint, other: Endpoint, *, same: bool) -> None:
    """A stand-in may change its port; the API's address and the template have to be the very same."""
    assert one.is_same(other) is other.is_same(one) is same


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000/v1", True),
        ("http://LOCALHOST", True),
        ("https://api.example.com", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("https://example.com/localhost", False),
        ("https://localhost@example.com", False),
    ],
)
def test_only_this_machine_is_a_stand_in(address: str, *, here: bool) -> None:
    """An address that merely looks like this machine's is the real thing, and rings people."""
    assert is_loopback(address) is here


def test_calls_can_be_asked_about_where_they_were_sent() -> None:
    """Elsewhere nobody knows them; those of a stand-in are looked up at the one that runs now."""
    assert Endpoint(API, "a").is_reached_at(API)
    assert not Endpoint(API, "a").is_reached_at("https://other.example.com")
    assert not Endpoint(API, "a").is_reached_at(HERE)
    assert Endpoint(HERE, "a").is_reached_at(HERE_AGAIN)
