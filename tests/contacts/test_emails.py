"""Our short way to a normal address gives exactly what the library gives."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.contacts.emails import normalised_email


def _by_library(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.B+tag@EXAMPLE.com", "Ada.B+tag@example.com"),
        ("ada@m\u00fcller.example.com", "ada@m\u00fcller.example.com"),
        ("ada", None),
        ("ada@", None),
        ("ada@localhost", None),
        ("a..b@example.com", None),
        ("ada@@example.com", None),
        ("ada@example.com, bob@example.com", None),
    ],
)
def test_addresses_are_told_from_other_texts(text: str, normal: str | None) -> None:
    """A whole address gives its normal form, with a domain in lower case; anything else gives none."""
    assert normalised_email(text) == normal


LOCALS = st.text("abzAZ09._+-!'\u00e4 ", max_size=66)
DOMAINS = st.one_of(
    st.sampled_from(["example.com", "EXAMPLE.org", "x.test", "localhost", "xn--mller-kva.example", "-a.com", "a..b"]),
    st.text("ab1.-\u00fc", max_size=70),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=250)
@given(LOCALS, DOMAINS)
def test_any_text_is_judged_as_the_library_judges_it(local: str, domain: str) -> None:
    """Also the second address of a domain, which the library is not asked about any more."""
    text = f"{local}@{domain}"

    assert normalised_email(text) == _by_library(text)
    assert normalised_email(text) == _by_library(text)
