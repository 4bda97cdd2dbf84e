"""Which texts say that somebody is not to be called, and how they are found among a million."""

import pytest

from dialer.sheets.opt_out_words import asks_not_to_call, says_not_to_call, texts_that_say_so

WISHES = [
    "Do not call",
    "don't call her again!",
    "DO NOT CONTACT",
    "DoNotCall",
    "DNC",
    "asked to opt out in May",
    "Opted-Out",
    "unsubscribed",
    "never call",
    "stop calling",
    "blacklisted",
    "bitte nicht anrufen",
    "Keine Anrufe",
    "ne pas appeler",
    "d\u00e9sinscrite",
    "No llamar m\u00e1s",
    "non chiamare",
    "N\u00c3O LIGAR",
    "niet bellen",
    "nie dzwoni\u0107",
    "ring inte",
    "m\u00e5 ikke ringes",
    "\u043d\u0435 \u0437\u0432\u043e\u043d\u0438\u0442\u044c",
    "\u96fb\u8a71\u7981\u6b62",
    "\u8bf7\u52ff\u6765\u7535",
    "\uc218\uc2e0\uac70\ubd80",
]

ORDINARY = [
    "Ada Example",
    "call me",
    "Adopt outcome",
    "listed",
    "Robinson",
    "do not forget the cake",
    "(212) 555-0100",
    "",
]


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_not_to_be_called_is_heard(text: str) -> None:
    """In any case, with any marks, in the large languages; in a header as in a cell."""
    assert says_not_to_call(text)
    assert asks_not_to_call(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_other_texts_say_nothing_of_the_kind(text: str) -> None:
    """Names, numbers and promises are no wish."""
    assert not says_not_to_call(text)


def test_wishes_are_found_among_many_texts() -> None:
    """Looking through all at once passes over no wish, at the first place as at the last."""
    texts = [text for wish in WISHES for text in ("Ada Example", wish, f"x\x1f{wish}")]
    found = texts_that_say_so(texts)

    assert {position for position, text in enumerate(texts) if says_not_to_call(text)} <= set(found)
    assert texts_that_say_so(["Ada", "Bob"]) == []
    assert texts_that_say_so([]) == []
