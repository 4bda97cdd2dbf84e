"""How a wish not to be called is heard in whatever words, and a note about a call is not taken for one."""

import pytest

from dialer.sheets.opt_out_grammar import refuses_calls
from dialer.sheets.opt_out_words import says_not_to_call, texts_that_say_so

SENTENCES = """
    asked not to be called, does not want to be called, doesn't want any calls, do NOT under any circumstances call,
    möchte nicht angerufen werden, wünscht keine weiteren Anrufe, bitte nicht mehr kontaktieren, keine Werbung,
    ne souhaite plus être contacté, ne veut pas être rappelée, plus d'appels svp, merci de ne plus m'appeler,
    no quiere que le llamen, no desea recibir llamadas, ha pedido no ser llamado, que no me llamen más,
    não quer receber ligações, não deseja contato, não ligue mais, non vuole essere richiamato, non telefonare,
    wil niet meer gebeld worden, niet opbellen, nie życzy sobie telefonów, proszę nie dzwonić,
    aranmak istemiyor, больше не звоните, просил не звонить, отказался от звонков,
    電話しないでください, 電話は不要です, 架電NG, 别打电话, 不要再打了, 不想接电话, 전화하지 마세요, 연락 거부,
    لا يريد الاتصال, ممنوع الاتصال, vill inte bli uppringd, אל תתקשר
"""
"""How people word it: a verb of their own, bent, with words between."""


@pytest.mark.parametrize("text", [text.strip() for text in SENTENCES.split(",")])
def test_a_wish_is_heard_in_a_sentence(text: str) -> None:
    """Nobody keeps to a list of phrases; and the search through many texts passes over none of them."""
    assert says_not_to_call(text)
    assert texts_that_say_so(["Ada Example", text]) == [1]


NOTES = """
    not at home, call again; not reached, call tomorrow; no answer, call back; do not leave a message, call back;
    please don't email, call; does not have a phone; not called yet; don't forget to call her; stop by, call first;
    nicht erreicht, nochmal anrufen; nicht da, bitte anrufen; ne répond pas, rappeler; pas répondu, appeler demain;
    no contesta, llamar mañana; no responde, llamar; não atende, ligar amanhã; non risponde, richiamare;
    niet thuis, terugbellen; nie odbiera, zadzwonić jutro; не отвечает, звонить завтра; aranmak istiyor; 電話希望;
    電話してください; 打电话给他; 전화 안 받음; 전화 주세요; يرجى الاتصال
"""
"""What callers note of people who are to be called again."""


@pytest.mark.parametrize("text", [text.strip() for text in NOTES.split(";")])
def test_a_note_to_call_again_is_no_wish(text: str) -> None:
    """It has a no and a call in it, and the no is about something else."""
    assert not says_not_to_call(text)


def test_what_refuses_stands_beside_what_is_refused() -> None:
    """Words between that say neither part the two: then the no is about something else."""
    assert refuses_calls("please do not ever call")
    assert not refuses_calls("do not leave a message call")
