"""Which texts are numbers that may be called, and how the others are answered."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dialer.contacts.phones.cell_text import has_country, shape, with_plus
from dialer.contacts.phones.number_kinds import CALLABLE_TYPES
from dialer.contacts.phones.phone_cell import Phone, PhoneProblem, read_any_numbers, read_phone
from dialer.reasons import Reason

US = "+14155550123"
GB = "+442079460123"


def _judge(text: str, region: str | None = "US", allowed: tuple[str, ...] = ()) -> Phone | PhoneProblem:
    return read_phone(text, region=region, allowed=allowed, column="Mobile")


@pytest.mark.parametrize(
    ("text", "region", "e164", "country"),
    [
        ("+14155550123", None, US, "US"),
        ("4155550123", "US", US, "US"),
        ("14155550123", "US", US, "US"),
        ("(415) 555-0123", "US", US, "US"),
        ("415.555.0123", "US", US, "US"),
        ("1-415-555-0123", "US", US, "US"),
        ("  +1 415 555 0123  ", None, US, "US"),
        ("'+14155550123", None, US, "US"),
        ("'4155550123", "US", US, "US"),
        ("\u2019+14155550123", None, US, "US"),
        ("\u202a+1 415 555 0123\u202c", None, US, "US"),
        ("\ufeff4155550123\u200b", "US", US, "US"),
        ("\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13", None, US, "US"),
        ("\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "US", US, "US"),
        ("415\u2011555\u20130123", "US", US, "US"),
        ("415\u2212555\u22120123", "US", US, "US"),
        ("415\u00a0555\u00a00123", "US", US, "US"),
        ("020 7946 0123", "GB", GB, "GB"),
        ("20 7946 0123", "GB", GB, "GB"),
        ("44 20 7946 0123", "GB", GB, "GB"),
        ("+44 (0)20 7946 0123", None, GB, "GB"),
        ("(+44) 20 7946 0123", None, GB, "GB"),
        ("00442079460123", None, GB, "GB"),
        ("0044 20 7946 0123", "US", GB, "GB"),
        ("011 44 20 7946 0123", "US", GB, "GB"),
        ("0014155550123", "GB", US, "US"),
        ("030/12345678", "DE", "+493012345678", "DE"),
        ("0171/1234567", "DE", "+491711234567", "DE"),
        ("+49/30/1234567", "US", "+49301234567", "DE"),
        ("+49 (0) 30 / 1234567", "DE", "+49301234567", "DE"),
        ("415/5550123", "US", US, "US"),
        ("03\u30fc5550\u30fc0123", "JP", "+81355500123", "JP"),
        ("+1.4155550123", "GB", US, "US"),
        ("p:+14155550123", "US", US, "US"),
        ("tel:+1-415-555-0123", "US", US, "US"),
        ("4155550123.0", "US", US, "US"),
        ("1.4155550123E10", "US", US, "US"),
        ("1.4155550123E+10", "US", US, "US"),
        ("2079460123.0", "GB", GB, "GB"),
        ("4155550123.00", "US", US, "US"),
        ("4155550123,0", "US", US, "US"),
        ("1,4155550123E+10", "US", US, "US"),
        ("06/12/34/56/78", "FR", "+33612345678", "FR"),
        ("+33/6/12/34/56/78", "US", "+33612345678", "FR"),
        ("03\u30fb1234\u30fb5678", "JP", "+81312345678", "JP"),
        ('="4155550123"', "US", US, "US"),
        ("+52 1 55 1234 5678", "US", "+525512345678", "MX"),
        ("044 55 1234 5678", "MX", "+525512345678", "MX"),
        ("49 (0)30 1234567", "DE", "+49301234567", "DE"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, region: str | None, e164: str, country: str) -> None:
    """Spaces, punctuation, invisible marks and other writing systems never change which number it is."""
    assert _judge(text, region) == Phone(e164, country)


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "US", Reason.PHONE_MISSING),
        (" \u200b\t", "US", Reason.PHONE_MISSING),
        ("'", "US", Reason.PHONE_MISSING),
        ("1.21E+10", "US", Reason.PHONE_DAMAGED),
        ("1,21e10", "DE", Reason.PHONE_DAMAGED),
        ("1.415555E+10", "US", Reason.PHONE_DAMAGED),
        ("1.41555501230E+10", "US", Reason.PHONE_DAMAGED),
        ("4155550123.50", "US", Reason.PHONE_DAMAGED),
        ("4155550123,50", "US", Reason.PHONE_DAMAGED),
        ("4,155,550,123", "US", Reason.PHONE_DAMAGED),
        ("4.155.550.123,00", "US", Reason.PHONE_DAMAGED),
        ("#REF!", "US", Reason.PHONE_DAMAGED),
        ("#N/A", "US", Reason.PHONE_DAMAGED),
        ("##########", "US", Reason.PHONE_DAMAGED),
        ("415-555-0123 x12", "US", Reason.PHONE_INVALID),
        ("415-555-0123 ext. 12", "US", Reason.PHONE_INVALID),
        ("415-555-0123;12", "US", Reason.PHONE_INVALID),
        ("415-555-0123#12", "US", Reason.PHONE_INVALID),
        ("415-555-0123 / 415-555-0124", "US", Reason.PHONE_INVALID),
        ("415-555-0123, 415-555-0124", "US", Reason.PHONE_INVALID),
        ("415-555-0123\n415-555-0124", "US", Reason.PHONE_INVALID),
        ("4155550123 4155550124", "US", Reason.PHONE_INVALID),
        ("+14155550123 +14155550124", None, Reason.PHONE_INVALID),
        ("415 555 0123\u00b2", "US", Reason.PHONE_INVALID),
        ("1-800-FLOWERS", "US", Reason.PHONE_INVALID),
        ("call me", "US", Reason.PHONE_INVALID),
        ("=4155550123", "US", Reason.PHONE_INVALID),
        ("030 123456/7", "DE", Reason.PHONE_INVALID),
        ("030123456/030123457", "DE", Reason.PHONE_INVALID),
        ("415 555 0123/24", "US", Reason.PHONE_INVALID),
        ("fax:+14155550123", "US", Reason.PHONE_INVALID),
        ("4917612345678", "DE", Reason.PHONE_AMBIGUOUS),
        ("49 221 1234567", "DE", Reason.PHONE_AMBIGUOUS),
        ("43 (0)1 25365", "DE", Reason.PHONE_AMBIGUOUS),
        ("321123456.0", "IT", Reason.PHONE_AMBIGUOUS),
        ("4155550123", None, Reason.PHONE_INVALID),
        ("14155550123", None, Reason.PHONE_INVALID),
        ("5550123", "US", Reason.PHONE_INVALID),
        ("44 20 7946 0123", "US", Reason.PHONE_INVALID),
        ("020 7946 0123", "US", Reason.PHONE_INVALID),
        ("4155550123", "GB", Reason.PHONE_INVALID),
        ("+15551234567", None, Reason.PHONE_INVALID),
        ("+447700900123", None, Reason.PHONE_INVALID),
        ("+0014155550123", None, Reason.PHONE_INVALID),
        ("1234567890123456", "US", Reason.PHONE_DAMAGED),
        ("+" + "1" * 300, None, Reason.PHONE_DAMAGED),
        ("7", "US", Reason.PHONE_INVALID),
        ("911", "US", Reason.PHONE_TYPE_REFUSED),
        ("999", "GB", Reason.PHONE_TYPE_REFUSED),
        ("+49112", None, Reason.PHONE_TYPE_REFUSED),
        ("+1 800 555 0199", None, Reason.PHONE_TYPE_REFUSED),
        ("+1 900 555 0100", None, Reason.PHONE_TYPE_REFUSED),
        ("+1 500 555 0100", None, Reason.PHONE_TYPE_REFUSED),
        ("+44 843 123 4567", None, Reason.PHONE_TYPE_REFUSED),
        ("+44 300 123 4567", None, Reason.PHONE_TYPE_REFUSED),
        ("+44 7640 123456", None, Reason.PHONE_TYPE_REFUSED),
        ("+800 1234 5678", None, Reason.PHONE_TYPE_REFUSED),
        ("+870 773 111 632", None, Reason.PHONE_TYPE_REFUSED),
        ("+878 10 1234567890", None, Reason.PHONE_TYPE_REFUSED),
        ("+882 1330 0655", None, Reason.PHONE_TYPE_REFUSED),
        ("+883 5100 12345", None, Reason.PHONE_TYPE_REFUSED),
        ("+979 1 2345 6789", None, Reason.PHONE_TYPE_REFUSED),
    ],
)
def test_a_text_that_is_no_number_to_call_is_refused(text: str, region: str | None, reason: Reason) -> None:
    """Damage, doubt, two numbers in a cell and numbers that must not be rung each have their reason."""
    verdict = _judge(text, region)

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("text", "allowed", "country"),
    [
        ("+1 809 555 0100", ("US",), "DO"),
        ("+1 876 555 0123", ("US", "CA"), "JM"),
        ("+44 20 7946 0123", ("US",), "GB"),
    ],
)
def test_a_country_the_campaign_does_not_call_is_named(text: str, allowed: tuple[str, ...], country: str) -> None:
    """+1 is many countries: the country counts, not the prefix, and the message says which line to change."""
    verdict = _judge(text, allowed=allowed)

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == Reason.REGION_NOT_ALLOWED
    assert f"Add {country} to regions under [contacts]" in verdict.message


def test_an_allowed_country_is_called() -> None:
    """A number of any of the allowed countries passes; no list at all allows every country."""
    assert _judge("+44 20 7946 0123", allowed=("US", "GB")) == Phone(GB, "GB")
    assert _judge("+44 20 7946 0123", allowed=()) == Phone(GB, "GB")


def test_a_number_that_two_prefixes_read_differently_is_refused() -> None:
    """Where `00` is not the prefix for abroad, a cell that is valid both ways is not guessed at."""
    verdict = _judge("0043 1 415 555 0123", "BR")

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == Reason.PHONE_AMBIGUOUS
    assert "may mean +1 415\u2026 or +43 141\u2026" in verdict.message


def test_both_readings_are_named_and_neither_is_told() -> None:
    """Country and first digits are enough to see which is meant; no message holds anybody's whole number."""
    verdict = _judge("4917612345678", "DE")

    assert isinstance(verdict, PhoneProblem)
    assert "may mean +49 176\u2026 or +49 491\u2026" in verdict.message
    assert "123" not in verdict.message


def test_a_written_plus_is_not_asked_for() -> None:
    """A number that has its + and is none is to be compared with its source; writing a + would not mend it."""
    verdict = _judge("+52 1 55 1234 567", "MX")

    assert isinstance(verdict, PhoneProblem)
    assert "Write" not in verdict.message


@pytest.mark.parametrize("text", ["415555012", "+1415555012", "1.21E+10", "4155550123 x9", "+18095550100"])
def test_a_message_names_shape_and_column_and_never_the_number(text: str) -> None:
    """What a log or a screen shows of a bad cell is its column and how long it is, not who it belongs to."""
    verdict = _judge(text, allowed=("US",))

    assert isinstance(verdict, PhoneProblem)
    assert "Mobile" in verdict.message
    assert not any(run in verdict.message for run in ("1415", "5550", "1.21", "8095"))


def test_without_a_region_the_message_tells_where_to_set_one() -> None:
    """A sheet of national numbers is mended with one line in the campaign, and the message says which."""
    verdict = _judge("4155550123", None)

    assert isinstance(verdict, PhoneProblem)
    assert 'region = "US" under [contacts]' in verdict.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("415555012", "9 digits, no +"),
        ("+44 7", "3 digits, with +"),
        ("\uff0b1", "1 digit, with +"),
        ("1.2E+3", "3 digits, with +, with letters"),
        ("", "0 digits, no +"),
    ],
)
def test_the_shape_tells_enough_to_find_the_mistake(text: str, expected: str) -> None:
    """The shape counts digits in any script and tells of a plus and of letters."""
    assert shape(text) == expected


@pytest.mark.slow
@settings(deadline=None, max_examples=120)
@given(st.text(max_size=40))
def test_any_text_gets_a_verdict(text: str) -> None:
    """No cell whatever makes the judgement fail, and what passes is E.164."""
    verdict = _judge(text)

    if isinstance(verdict, Phone):
        assert verdict.e164.startswith("+")
        assert verdict.e164[1:].isascii()
        assert verdict.e164[1:].isdigit()
    else:
        assert verdict.reason in Reason


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    line=st.integers(min_value=0, max_value=99),
    area=st.sampled_from(["212", "312", "415"]),
    marks=st.lists(
        st.sampled_from(["", " ", "-", " - ", ") ", " (", "\u00a0", "\u2011", "\u200e"]), min_size=3, max_size=3
    ),
    start=st.sampled_from(["+1", "1", "", "001", "+1 ", "\uff0b1"]),
)
def test_two_ways_to_write_a_number_give_one_number(line: int, area: str, marks: list[str], start: str) -> None:
    """However one of the fictional numbers is written, it comes out the same: duplicates cannot hide."""
    assume(start or not marks[0].strip().startswith(("-", "\u2011")))  # that would be the value of a sum
    text = f"{start}{marks[0]}{area}{marks[1]}555{marks[2]}01{line:02d}"

    assert _judge(text) == Phone(f"+1{area}55501{line:02d}", "US")


def test_reading_again_changes_nothing() -> None:
    """An E.164 number, read back from a results file, is the same number."""
    assert _judge(US) == Phone(US, "US")


def test_only_ordinary_types_are_callable() -> None:
    """Fixed, mobile, either, and internet telephony: four types, and no other."""
    assert len(CALLABLE_TYPES) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1 800 555 0199", "+18005550199"),
        ("+44 7700 900123", "+447700900123"),
        ("415 555 0123", US),
        ("+15551234567", "+15551234567"),
    ],
)
def test_a_suppressed_number_need_not_be_callable(text: str, expected: str) -> None:
    """Any country, any type, not even assigned: whoever is on a suppression list stays on it."""
    assert read_any_numbers(text, region="US", column="phone") == frozenset([expected])


@pytest.mark.parametrize("text", ["5550123", "1.21E+10", "", "nobody", "415-555-0123 / 415-555-0124"])
def test_a_suppressed_number_must_be_whole(text: str) -> None:
    """An entry that could match nothing is a problem to be told, not an entry."""
    assert isinstance(read_any_numbers(text, region="US", column="phone"), PhoneProblem)


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("442079460101", "442079460101", "+442079460101"),
        (" 442079460101 ", "+442079460101", "+442079460101"),
        ("(415) 555-0100", "14155550100", "(415) 555-0100"),
        ("4155550100", "14155550100", "4155550100"),
        ("+14155550100", "14155550100", "+14155550100"),
        ("", "", ""),
        ("abc", "abc", "abc"),
    ],
)
def test_a_lost_plus_is_given_back_where_it_is_proven(text: str, sent: str, expected: str) -> None:
    """Only where both cells hold the same digits alone: then they are those of an international number."""
    assert with_plus(text, sent) == expected


@pytest.mark.parametrize(
    ("text", "has"), [("+14155550100", True), ("(+44) 20", True), ("0044 20", True), ("415", False), ("\uff0b44", True)]
)
def test_a_country_is_written_or_not(text: str, has: bool) -> None:  # noqa: FBT001 - a parameter
    """After a plus of any width, or after two zeros."""
    assert has_country(text) == has


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("-4155552670", "US"),
        ("- 22345631", "NO"),
        ("2026-11-24", "DE"),
        ("24.11.2026", "NO"),
        ("24-11-2026 0930", "DK"),
        ("(301) 2345678.0", "DE"),
        ("3012345678 .0", "DE"),
    ],
)
def test_what_a_spreadsheet_program_made_of_something_is_nobodys_number(text: str, region: str) -> None:
    """The value of a sum, a date and a decimal are damaged, wherever their digits would be somebody's."""
    problem = read_phone(text, region=region, allowed=(), column="Phone")
    assert isinstance(problem, PhoneProblem)
    assert problem.reason == Reason.PHONE_DAMAGED


def test_two_numbers_parted_by_a_blank_are_not_one() -> None:
    """Where numbers have no fixed length both could be one; a group that begins with 0 alone is no second one."""
    for text in ("030 1234 030 1235", "0301234 0301235"):
        problem = read_phone(text, region="DE", allowed=(), column="Phone")
        assert isinstance(problem, PhoneProblem)
        assert "two numbers" in problem.message
    assert read_phone("020 7946 0123", region="GB", allowed=(), column="Phone") == ("+442079460123", "GB")


def test_digits_that_two_called_countries_know_are_asked_about() -> None:
    """A lost + is not guessed away where the campaign calls both countries."""
    several = read_phone("4155550123", region="US", allowed=("US", "CH"), column="Phone")
    assert several == Phone(US, "US"), "no number of Switzerland"
    several = read_phone("6592345678", region="US", allowed=("US", "SG"), column="Phone")
    assert isinstance(several, PhoneProblem)
    assert several.reason == Reason.PHONE_AMBIGUOUS
    assert "may mean +1 659\u2026 or +65 923\u2026" in several.message


@pytest.mark.parametrize(
    ("text", "region", "named"),
    [
        ("43 664 1234567", "DE", "+43 664\u2026 or +49 436\u2026"),
        ("43-664-1234567", "DE", "+43 664\u2026 or +49 436\u2026"),
        ("436641234567", "DE", "+43 664\u2026 or +49 436\u2026"),
        ("41791234567", "DE", "+41 791\u2026 or +49 417\u2026"),
        ("1 516 234 5678", "DE", "+1 516\u2026 or +49 151\u2026"),
        ("65 9234 5678", "US", "+1 659\u2026 or +65 923\u2026"),
        ("47 92 34 56 78", "US", "+1 479\u2026 or +47 923\u2026"),
    ],
)
def test_digits_that_seem_to_have_lost_their_plus_are_refused(text: str, region: str, named: str) -> None:
    """Nobody at home is rung for a number abroad, although the campaign calls one country alone; both are named."""
    verdict = _judge(text, region, (region,))

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == Reason.PHONE_AMBIGUOUS
    assert named in verdict.message
    held = read_any_numbers(text, region=region, column="Mobile")
    assert not isinstance(held, PhoneProblem)
    assert len(held) == 2, "of a number never to call, both are held"


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("04366 41234567", "DE", "+49436641234567"),
        ("4366 41234567", "DE", "+49436641234567"),
        ("0151 62345678", "DE", "+4915162345678"),
        ("151 62345678", "DE", "+4915162345678"),
        ("6592345678", "US", "+16592345678"),
        ("659-234-5678", "US", "+16592345678"),
        ("507 234 56 78", "TR", "+905072345678"),
        ("347 1234567", "IT", "+393471234567"),
    ],
)
def test_a_number_as_its_country_writes_it_is_called(text: str, region: str, e164: str) -> None:
    """With the prefix of its country, in its country's groups, or where there is none, nothing seems to be lost."""
    assert _judge(text, region, (region,)) == Phone(e164, region)


def test_a_row_that_names_its_country_answers_whether_a_plus_is_lost() -> None:
    """Germany in the row's own column says that 4366\u2026 is an area code there."""
    verdict = read_phone("436641234567", region="DE", allowed=("DE",), column="Phone", names_country=True)

    assert verdict == Phone("+49436641234567", "DE")


@pytest.mark.parametrize("text", ["1-1-212-736-5025", "+1 1 212 736 5025", "0111 1 212 736 5025", "112127365025"])
def test_a_digit_too_many_is_dropped_by_nobody(text: str) -> None:
    """No numbering plan has the country code twice."""
    verdict = _judge(text)

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == Reason.PHONE_INVALID
