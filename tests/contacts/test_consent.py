"""Nobody is called whose consent the sheet says is revoked, or, where it is required, does not record."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.contacts.consent import ConsentColumns, judge_consent
from dialer.reasons import Reason

TODAY = date(2026, 11, 24)
HEADER = ("Consent", "When", "Who", "Wording", "Revoked")
EVERY = ConsentColumns(consent=0, at=1, by=2, wording=3, revoked=(4,))
GOOD = ("yes", "2026-11-01", "Web form", "I agree to be called", "")


def _reason(cells: tuple[str, ...], columns: ConsentColumns = EVERY, *, required: bool = True) -> Reason | None:
    judged = judge_consent(cells, HEADER, columns, required=required, today=TODAY)
    return None if judged is None else judged[0]


@pytest.mark.parametrize(
    "said",
    ["yes", " YES ", "Y", "true", "1", "x", "\u2713", "ja", "Oui", "s\u00ed", "2026-11-24", "11/24/2026", "24.11.26"],
)
def test_a_yes_or_a_date_records_consent(said: str) -> None:
    """Consent is a yes in the common languages, a mark, or the date it was given."""
    assert _reason((said,), ConsentColumns(consent=0)) is None


@pytest.mark.parametrize("said", ["", " ", "no", "NEIN", "0", "false", "-", "n/a", "maybe", "pending", "26", "yes?no"])
def test_anything_else_records_none(said: str) -> None:
    """A no, an empty cell and a word that nobody can be sure of are no consent; the message names the column."""
    judged = judge_consent((said,), HEADER, ConsentColumns(consent=0), required=True, today=TODAY)

    assert judged is not None
    assert judged[0] == Reason.CONSENT_MISSING
    assert '"Consent"' in judged[1]


@pytest.mark.parametrize(
    "said",
    [
        *["no", " NO ", "Nein", "0", "false", "n", "never", "none", "declined", "Abgelehnt", "refus\u00e9", "\u2717"],
        *["\u2610", "do not call", "Opted out", "DNC", "\u62d2\u5426"],
    ],
)
def test_a_clear_no_is_a_no_whether_consent_is_required_or_not(said: str) -> None:
    """Whoever did not agree is not called, whatever the campaign asks of the others."""
    judged = judge_consent((said,), HEADER, ConsentColumns(consent=0), required=False, today=TODAY)

    assert judged is not None
    assert (judged.reason, judged.column) == (Reason.CONSENT_REVOKED, 0)


NOES = """
    No, thanks; No - 2024-05-01; not granted; did not consent; doesn't agree; Withdrawn 2024-01-01; revoked
    1/2/24; denied by phone; disagreed; expired 2023; nicht erteilt; widerrufen am 01.02.2024; keine
    Einwilligung; abgemeldet; pas d'accord; Non merci; refusée; no acepta; rechazada; no autorizado; não aceita;
    não autoriza; recusou; rifiuta; nega il consenso; geen toestemming; niet akkoord; odmówiono; brak zgody;
    onay yok; reddedildi; onaylamad\u0131; ret; нет согласия; не согласен; отказался; 同意しない; 未同意; 不同意;
    拒绝接听;
    미동의; 동의 없음; 동의 안함; غير موافق; لا أوافق; مرفوض;
    STOP; stopped by SMS; Unsub; unsubscribed; NOT_SUBSCRIBED; blocked; Removed;
    suppressed 2024; can't call; won't take calls
"""
"""What people write instead of a bare no."""


@pytest.mark.parametrize("said", [said.strip() for said in NOES.split(";")])
def test_a_no_with_more_words_is_a_no(said: str) -> None:
    """A reason, a date or a verb beside it does not make it a yes."""
    assert _reason((said,), ConsentColumns(consent=0), required=False) == Reason.CONSENT_REVOKED
    assert _reason((said,), ConsentColumns(consent=0), required=True) == Reason.CONSENT_MISSING


@pytest.mark.parametrize(
    "said",
    [
        "同意",
        "同意する",
        "동의",
        "동의함",
        "موافق",
        "согласен",
        "Erteilt",
        "accordé",
        "acepta",
        "aceito",
        "akkoord",
        "kabul",
        "✅",
    ],
)
def test_a_word_of_agreement_is_a_yes(said: str) -> None:
    """Below "Consent" people write that they agree, and not only yes."""
    assert _reason((said,), ConsentColumns(consent=0)) is None
    assert _reason(("", "", "", "", said), ConsentColumns(revoked=(4,)), required=False) == Reason.CONSENT_REVOKED


@pytest.mark.parametrize(
    "said", ["web form 2024", "noted in CRM", "by e-mail", "signed off", "v1.0", "N. America form"]
)
def test_where_a_consent_came_from_is_no_refusal(said: str) -> None:
    """What only begins like a no, or ends in a nought, holds nobody back."""
    assert _reason((said,), ConsentColumns(consent=0), required=False) is None


@pytest.mark.parametrize("said", ["", " ", "-", "n/a", "maybe", "pending", "yes", "2026-11-24"])
def test_what_is_no_clear_no_holds_nobody_back_where_consent_is_not_required(said: str) -> None:
    """An empty cell or a word that says neither is no refusal."""
    assert _reason((said,), ConsentColumns(consent=0), required=False) is None


@pytest.mark.parametrize("cells", [("no", "yes"), ("", "asked us to stop"), ("x", "")])
def test_each_column_of_who_is_not_to_be_called_counts(cells: tuple[str, str]) -> None:
    """One yes or unclear word in any of several columns keeps the person from a call, and its column is told."""
    judged = judge_consent(cells, ("DNC", "Opt out"), ConsentColumns(revoked=(0, 1)), required=False, today=TODAY)

    assert judged is not None
    assert judged.column == (0 if cells[0] == "x" else 1)


def test_the_date_alone_records_consent() -> None:
    """Where no column says yes, the date on which consent was given does; a no is not overruled by a date."""
    assert _reason(("", "2026-11-01"), ConsentColumns(at=1)) is None
    assert _reason(("", "soon"), ConsentColumns(at=1)) == Reason.CONSENT_MISSING
    assert _reason(("", "2026-11-01"), ConsentColumns(consent=0, at=1)) is None
    assert _reason(("no", "2026-11-01"), ConsentColumns(consent=0, at=1)) == Reason.CONSENT_MISSING


@pytest.mark.parametrize("column", [1, 2, 3])
def test_a_record_with_a_hole_is_none(column: int) -> None:
    """A sheet that has columns for who, when and wording has them filled, where consent is required."""
    cells = tuple(" " if index == column else cell for index, cell in enumerate(GOOD))

    assert _reason(GOOD) is None
    assert _reason(cells) == Reason.CONSENT_MISSING
    assert _reason(cells, required=False) is None


@pytest.mark.parametrize("said", ["yes", "x", "\u2713", "2026-11-20", "TRUE", "called back, angry", "?!a", "#N/A"])
@pytest.mark.parametrize("required", [True, False])
def test_a_revocation_always_holds_the_row_back(said: str, required: bool) -> None:  # noqa: FBT001 - a parameter
    """Whatever the campaign requires, a word or a date in the column of revocations keeps the person from a call."""
    assert _reason((*GOOD[:4], said), required=required) == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("said", ["", "no", "FALSE", "0", "-", "n/a", "nein", "never"])
def test_no_revocation_is_none(said: str) -> None:
    """An empty cell, a dash and a no revoke nothing."""
    assert _reason((*GOOD[:4], said)) is None


@given(st.text(max_size=12))
def test_no_text_is_both_a_yes_and_no_revocation_by_accident(said: str) -> None:
    """A text that records consent, written as a revocation, revokes: no word is read in the caller's favour twice."""
    gives = _reason((said,), ConsentColumns(consent=0)) is None
    revokes = _reason(("", "", "", "", said), ConsentColumns(revoked=(4,)), required=False) is not None

    assert revokes or not gives


@pytest.mark.parametrize("mark", ["✅", "❌", "☒", "✗", "●", "?", "!", "*", "🚫", "☑️", "✔️", "✓"])
def test_any_mark_in_a_column_of_revoked_consent_revokes(mark: str) -> None:
    """Nobody can know what a mark means, so it means that the person is not to be called."""
    found = judge_consent([mark], ["Do not call"], ConsentColumns(revoked=(0,)), required=False, today=TODAY)
    assert found is not None
    assert found[0] == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("said", ["", "-", "\u2013", " \u2014 ", "no", "N/A"])
def test_nothing_and_a_no_revoke_nothing(said: str) -> None:
    """An empty cell, dashes and words of no leave the consent as it is."""
    assert judge_consent([said], ["Do not call"], ConsentColumns(revoked=(0,)), required=False, today=TODAY) is None


CLDR = """
    ar نعم لا, bg да не, bn হ্যাঁ না, cs ano ne, da ja nej, de ja nein,
    el \u03bd\u03b1\u03b9 όχι, es sí no, et jah ei, fa بله نه, fi kyllä ei,
    fr oui non, gu હા નહીં, he כן לא, hi हाँ नहीं, hr da ne, hu igen nem, hy այո ոչ,
    id ya tidak, it sì no, ja はい いいえ, ka კი არა, kk иә жоқ, kn ಹೌದು ಇಲ್ಲ, ko 예 아니요,
    lt taip ne, lv jā nē, mk да не, ml ഉവ്വ് അല്ല, ms ya tidak, nb ja nei,
    nl ja nee, pa ਹਾਂ ਨਹੀਂ, pl tak nie, pt sim não, ro da nu, ru да нет, sk áno nie,
    sl da ne, sr да не, sv ja nej, sw Ndiyo Hapana, ta ஆம் இல்லை, te అవును వద్దు,
    th ใช่ ไม่ใช่, tr evet hayir, uk так ні, ur ہاں نہیں, vi có không, zh 确定 否定,
    zh-Hant 是 否
"""
"""Yes and no as Unicode's CLDR 48 has them: `yesstr` and `nostr` of `posix/messages`."""


@pytest.mark.parametrize("line", [line.strip() for line in CLDR.split(",")])
def test_yes_and_no_are_understood_in_every_large_language(line: str) -> None:
    """A yes records consent, and a no neither does nor revokes it: it is the person's own no where it is asked for."""
    _, yes, no = line.split()

    assert _reason((yes,), ConsentColumns(consent=0)) is None
    assert _reason((no,), ConsentColumns(consent=0), required=False) == Reason.CONSENT_REVOKED
    assert _reason(("", "", "", "", no), ConsentColumns(revoked=(4,)), required=False) is None
    assert _reason(("", "", "", "", yes), ConsentColumns(revoked=(4,)), required=False) == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("said", ["0", "0.0", "0,0", "0.00", "FALSE", "False", "nein", "-", "—", "no.", "N"])
def test_a_clear_no_is_no_revocation_however_a_program_writes_it(said: str) -> None:
    """A column of zeros with a hole in it becomes `0.0` in a CSV."""
    assert _reason(("", "", "", "", said), ConsentColumns(revoked=(4,)), required=False) is None


def test_a_number_is_read_whole() -> None:
    """1.0 is a yes, 0.0 a no, and 0.5 neither."""
    assert _reason(("1.0",), ConsentColumns(consent=0)) is None
    assert _reason(("0.0",), ConsentColumns(consent=0), required=False) == Reason.CONSENT_REVOKED
    assert _reason(("", "", "", "", "0.5"), ConsentColumns(revoked=(4,))) == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("said", ["2026-11-25", "25.11.2026", "25/11/26", "2027-01-01T00:00:00Z", "12/12/2026"])
def test_a_consent_dated_to_come_is_none(said: str) -> None:
    """Nobody has agreed tomorrow, neither in the column of consent nor in that of its date."""
    assert _reason((said,), ConsentColumns(consent=0)) == Reason.CONSENT_MISSING
    assert _reason(("", said), ConsentColumns(at=1)) == Reason.CONSENT_MISSING
    assert _reason(("yes", said), ConsentColumns(consent=0, at=1)) == Reason.CONSENT_MISSING


@pytest.mark.parametrize("said", ["2026-11-24", "24.11.2026", "11/12/2026", "2/1/2026"])
def test_a_day_that_may_have_been_is_no_day_to_come(said: str) -> None:
    """Today has come; a day that is past with the month first, or with the day first, may be the one meant."""
    assert _reason((said,), ConsentColumns(consent=0)) is None


@pytest.mark.parametrize(
    "said", ["revoked", "Withdrawn", "expired", "Abgelaufen", "caducado", "scaduto", "取消", "expiré"]
)
def test_a_consent_that_is_over_is_a_no(said: str) -> None:
    """What was given and taken back, or has run out, is a clear no."""
    assert _reason((said,), ConsentColumns(consent=0), required=False) == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("said", ["99/99/9999", "31.02.2026", "2026-13-01"])
def test_a_day_that_no_calendar_has_is_no_consent(said: str) -> None:
    """What cannot be read goes against the call."""
    assert judge_consent([said], ["Consent"], ConsentColumns(consent=0), required=True, today=TODAY) is not None
