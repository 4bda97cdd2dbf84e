"""Recognises a header, or any other text, that says whether somebody may be called. Pure.

It errs to one side: a header that only seems to say so costs a question, one that is missed costs a call to a person
who asked for none.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from dialer.sheets.opt_out_grammar import refuses_calls

_PHRASES = """
    do not call, do not contact, do not phone, do not ring, do not dial, do not disturb, do not solicit, dont call,
    dont contact, dont phone, never call, never contact, no calls, no more calls, stop call, opt out, opts out,
    opted out, opting out, optout, optedout, dnc, dncr, donotcall, donotcontact, unsubscri, blacklist, black list,
    blocklist, block list, denylist, deny list, stoplist, stop list, removed from list, remove from list, do not use,
    cease and desist, remove me, take me off, take off your list, asked to be removed,
    anruf unerwunscht, anrufe unerwunscht, hat widersprochen, anrufsperre, kontaktsperre, werbesperre, telefonsperre,
    sperrliste, sperrvermerk, werbewiderspruch,
    liste noire, desabonn, desinscri, bloctel, refus dappel, stop appel, opposition au demarchage,
    lista negra, desuscri, dado de baja, dada de baja, lista robinson, lista nera, disiscri, registro opposizioni,
    descadastr, desinscrev, bel me niet, uitgeschreven, afgemeld, zwarte lijst, czarna lista, wypisan,
    inte bli uppringd, vill inte bli, ring inte, ringa inte, kontakta inte, ej ringa, far ej kontaktas, avregistrerad,
    ring ikke, ikke ring, ma ikke kontaktes, ma ikke ringes, afmeldt, avmeldt, reservert mot,
    ala soita, ei saa soittaa, soittokielto, markkinointikielto, estolista,
    nevolat, nekontaktovat, ne hivja, ne hivd, tiltolista, nu suna, nu contacta,
    aramayin, aranmasin, aranmak istemi, arama yapma, arama yapilmasin, rahatsiz etme, iletisime gecme, kara liste,
    отказ от звонк, отказался от звонк, отказалась от звонк, запрет звонк, запрет на звонк, стоп лист,
    отписан, отписка, черный список, не дзвонити, чорний список,
    μη καλειτε, μην καλειτε, jangan telepon, jangan hubungi, daftar hitam, không gọi, đừng gọi
"""
"""What is said by nobody who wants a call: in a header as in any cell."""

_PHRASES_OF_HEADERS = """
    do not, dont, no call, no contact, suppress, revoked, exclusion, excluded, blocked, dnd, tps, ctps, kein kontakt,
    gesperrt, robinson, abgemeldet, widerruf, widerspr, refused, deceased, litigat, ne pas, ne plus, liste rouge, rpo,
    bloqueado, sprzeciw, nix, sparrad, removed, refuses, objected, objection, erasure, withdrawn, ndnc, call restrict,
    contact restrict, call block, call prohibit, contact prohibit, not callable, non callable, not contactable, sperre,
    sperrkennz, abmeldung, untersagt, anrufverbot, werbeverbot, kontaktverbot, kontaktaufnahme, opposition, demarchage,
    refus, desinscription, exclu, baja, excluid, exclusion, rechaza, rechazo, revocad, bloqueio, recusa, recusou,
    oposicao, cancelou inscri, opposizion, rifiut, revoca, bloccat, escluso, verzet, geblokkeerd, weiger, geen telefoon,
    geen contact, rezygnacja, odmow, zablokowan, brak zgody, ret, iys, engelli, reserveret, reservert, отказ, отказал,
    запрет, блокир, заблокир, отписал, исключить, исключен, unsub, unsubs, no phones, requests no,
    no solicit, no marketing, no telemarketing, no cold call, cease desist, exclude,
    removal request, right to object, blocage, stop pub, ring ej, reservasjon, iletisime gec, nu se contact, nu se sun,
    ne zvati, ne zovi, не звати, не зови, не звънете, neskambin, nezvan, mitte helista, ara helista, không liên,
    đừng liên, jangan di, jangan panggil, huwag tawag, usipig, usisumb, moenie bel, moenie kontak
"""
"""What a column of them may be called, and a cell says of other things as often: a surname, a promise, a book."""

_PERMISSION = """
    consent, consented, opt in, opts in, opted in, optin, optedin, opting in, ok to call, okay to call, ok to
    contact, okay to contact, ok to phone, may call, may we call, may be called, may contact, may we contact, may
    phone, can call, can we call, can be called, can contact, can we contact, agreed to, agrees to, agree to,
    authorized to call, authorised to call, authorization to call, authorisation to call, call authorization, call
    authorisation, permission, permitted to, allowed to, allow call, allows call, call allowed, calls allowed, allow
    contact, allows contact, contact allowed, allow phone, accepts calls, accept calls, accepts marketing, accepts
    email marketing, accepts sms marketing, marketing allowed, wants call, wants to be called, legal basis, lawful
    basis, tcpa, gdpr, dsgvo, rgpd, lgpd, avg toestemming, einwilligung, einverstand, zustimmung, zugestimmt,
    erlaubnis, kontakterlaubnis, werbeerlaubnis, anruferlaubnis, darf angerufen, darf kontaktiert, darf anrufen,
    anruf erlaubt, anrufe erlaubt, kontakt erlaubt, werbung erlaubt, consentement, autorisation, autorise,
    accepte detre, accepte les appels, peut etre appele, peut on appeler, accord pour, accord client, accord de contact,
    accord telephon, consentimiento, autorizacion, autoriza, permiso, acepta llamadas, acepta contacto, acepta
    publicidad, acepta recibir, acepta comunicaciones, se puede llamar, puede llamar, podemos llamar, consentimento,
    autorizacao, permissao, aceita ligac, aceita contato, aceita contacto, aceita receber, pode ligar, podemos ligar,
    consenso, autorizzazione, autorizzato, permesso, acconsente, si puo chiamare, puo essere chiamat, toestemming,
    akkoord, mag bellen, mag gebeld, mogen bellen, mogen we bellen, zgoda, zgody, zgode, zezwolenie, mozna dzwonic,
    samtycke, godkannande, tillatelse, far ringa, far ringas, far kontaktas, samtykke, samtykker, tilladelse, ma
    ringes, ma kontaktes, suostumus, lupa, saa soittaa, markkinointilupa, souhlas, suhlas, hozzajarulas, beleegyez,
    hivhato, consimtamant, acord, suglasnost, saglasnost, privola, soglasje, onay, izin, riza, onayi, izni, sutikimas,
    piekrisana, nousolek, согласие, согласен, разрешение, можно звонить, згода, дозвіл, съгласие, сагласност,
    συγκαταθεση, συναινεση, persetujuan, đồng ý, chấp thuận, boleh dihubungi, boleh ditelepon, ok to ring,
    okay to phone, okay to ring, happy to be, may we, can phone, can ring, call ok, calls ok, callable, contactable,
    dialable, eligible to, wants a call, please call, contact me by, like to receive, by phone, by telephone,
    phone marketing, telephone marketing, marketing phone, marketing telephone, marketing preference, marketing status,
    subscribed, subscription status, subscriber status, telefonkontakt, telefonwerbung, per telefon,
    telefonisch erlaubt, permite contact, permite llam, permite contato, permite ligac, pewc
"""
"""What a column of who agreed to be called is called: below it a no is as clear as below "Do not call"."""

_UNPARTED_PERMISSION = """
    同意, 承諾, 承诺, 許可, 许可, 許諾, 授权, 授權, 架電可, 電話可, 可致电, 可致電, 동의, 허락, 허용, 수신여부,
    ยินยอม, อนุญาต, सहमति, अनुमति, সম্মতি, موافقة, الموافقة, إذن الاتصال, رضایت, הסכמה, אישור
"""

_UNPARTED = """
    配信停止, 拒否, お断り, オプトアウト, ブラックリスト, 勿扰, 勿擾, 免打扰, 免打擾, 请勿, 請勿,
    黑名单, 黑名單, 退订, 退訂, 拒接, 拒绝, 拒絕,
    수신거부, 두낫콜, 블랙리스트, ห้ามโทร, फोन न करें, कॉल न करें, القائمة السوداء, إلغاء الاشتراك, محظور,
    לא להתקשר, אל תתקשר, לא לחייג
"""
"""Phrases of languages that do not part words, or whose words are not told apart here."""

_BETWEEN_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_LONG = 6
"""Letters from which a phrase is recognised without its blanks, as `DONOTCALL` has it."""


def _plain(text: str) -> str:
    """Reduce a text to its words, one blank between them: no case, accents or punctuation; `optOut` is two words."""
    parted = _BETWEEN_HUMPS.sub(" ", text).replace("'", "").replace("\u2019", "").casefold().replace("\u0131", "i")
    if parted.isascii():
        return _NO_WORD.sub(" ", parted).strip()
    decomposed = unicodedata.normalize("NFKD", parted)
    kept = (mark if mark.isalnum() else "" if unicodedata.category(mark)[0] == "M" else " " for mark in decomposed)
    return " ".join("".join(kept).split())


def _wanted(*phrases_of: str, unparted: str = _UNPARTED) -> tuple[str, ...]:
    """List what is looked for in a text with a blank at both ends: words that begin so, or, of few letters, are so."""
    phrases = sorted({_plain(phrase) for text in phrases_of for phrase in text.split(",")})
    begun = [f" {phrase}" if len(phrase) >= _LONG else f" {phrase} " for phrase in phrases]
    joined = {word for phrase in phrases if len(word := phrase.replace(" ", "")) >= _LONG}
    return tuple(dict.fromkeys([*begun, *sorted(joined), *(_plain(phrase) for phrase in unparted.split(","))]))


_IN_HEADERS = _wanted(_PHRASES, _PHRASES_OF_HEADERS)
_IN_CELLS = _wanted(_PHRASES)
_PERMITS = _wanted(_PERMISSION, unparted=_UNPARTED_PERMISSION)


def asks_not_to_call(header: str) -> bool:
    """Return whether a *header* holds words for who is not to be called or written to, in the large languages."""
    text = f" {_plain(header)} "
    return any(phrase in text for phrase in _IN_HEADERS) or refuses_calls(text)


def tells_permission(header: str) -> bool:
    """Return whether a *header* holds words for who agreed to be called or written to, in the large languages."""
    text = f" {_plain(header)} "
    return any(phrase in text for phrase in _PERMITS)


@lru_cache(maxsize=4096)  # notes are often the same
def says_not_to_call(cell: str) -> bool:
    """Return whether a *cell* reads like a wish not to be called, in the large languages."""
    text = f" {_plain(cell)} "
    return any(phrase in text for phrase in _IN_CELLS) or refuses_calls(text)


_STEMS = """
    call|conta|kontak|phone|ring|dial|turb|solicit|opt|dnc|scr|list|anruf|angeruf|sperr|appel|abonn|bloctel|llam|
    moles|baja|chiama|opposi|ligar|ligue|cadast|bel|benader|uitge|afgem|zwarte|dzwo|wypis|avreg|ikke|meld|reserv|soit|
    kielto|nevol|ne h|neh|suna|aramay|ng g|jangan|daftar|remov|take|market|werb|wunsch|wünsch|widers|telef|teleph|
    téléph|démarch|demarch|dérang|derang|sollicit|marcar|ligaç|ligac|perturb|incomod|chamar|rozmaw|poła|pola|
    uppr|vil|arama|aranma|rahats|iletiş|ileti|stör|storen|belästig|belastig
"""
_FOREIGN_STEMS = """
    звон|беспок|тревож|связыв|контакт|отпис|список|стоп|καλε|不可|禁|電|架|連絡|コール|着信|テレアポ|営業|断り|オプト|ブラック|
    停止|勿|不要|名单|名單|退订|退訂|拒|打|拨|撥|呼|电|联|聯|推销|营销|거부|금지|블랙|전화|통화|연락|광고|마케팅|두낫콜|콜|ห้าม|फोन|
    कॉल|اتصال|تتصل|مكالم|السوداء|الاشتراك|محظور|להתקשר|תתקשר|לחייג
"""

_LATIN = tuple("".join(_STEMS.split("\n    ")).strip().split("|"))
_ALL = (*_LATIN, *"".join(_FOREIGN_STEMS.split("\n    ")).strip().split("|"))
"""One of these stands in every phrase for cells, however it is accented."""
_ASCII = tuple(filter(str.isascii, _LATIN))


def texts_that_say_so(texts: Sequence[str]) -> list[int]:
    """List the positions of *texts* that `says_not_to_call` is worth asking about, in little time for each.

    All are searched as one, stem by stem: a hundred searches of a long text take a fraction of those of many short
    ones.
    """
    folded = [text.casefold() for text in texts]
    whole = "\n".join(folded)
    ends = list(accumulate(len(text) + 1 for text in folded))
    found: set[int] = set()
    for stem in _ASCII if whole.isascii() else _ALL:
        at = whole.find(stem)
        while at >= 0:
            position = bisect_right(ends, at)
            found.add(position)
            at = whole.find(stem, ends[position])
    return sorted(found)
