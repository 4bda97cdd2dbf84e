"""Decides which headers mean a name, a phone, an e-mail or a time zone when the campaign does not say. Pure.

A header matches as a whole or not at all: "Email consent" is no e-mail and "Phone type" is no phone.
"""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from dialer.sheets.damaged_numbers import is_damaged
from dialer.words import masked

Field = Literal[
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "timezone",
    "state",
    "postal_code",
    "country",
    "consent",
    "consent_at",
    "consent_by",
    "consent_wording",
    "consent_revoked",
]

_WORDS: dict[Field, str] = {
    "name": """
        name, full name, contact name, customer name, client name, lead name, display name, recipient name, nombre,
        nombre completo, nom, nom complet, nome, nome completo, naam, volledige naam, kundenname, vollständiger name,
        navn, namn, 姓名, 氏名, お名前, ansprechpartner, nombre y apellidos, nom et prénom, prénom et nom,
        nome e cognome, fullt navn, koko nimi, imię i nazwisko, nimi, ad soyad, isim, isim soyisim, имя, фио,
        имя и фамилия, полное имя, піб, jméno, jméno a příjmení, meno, meno a priezvisko, név, nume, nume și prenume,
        ime, ime i prezime, όνομα, ονοματεπώνυμο, שם, שם מלא, 名前, 顧客名, 客户姓名, 联系人, 聯絡人, 이름, 성명,
        성함, 고객명, الاسم, الاسم الكامل, नाम, ชื่อ, nama, nama lengkap, tên, họ tên, họ và tên
    """,
    "first_name": """
        first name, given name, forename, first, fname, christian name, vorname, rufname, prénom, nombre de pila,
        primer nombre, primeiro nome, nome próprio, voornaam, fornavn, förnamn, etunimi, imię, 名,
        křestní jméno, krstné meno, keresztnév, prenume, שם פרטי, الاسم الأول
    """,
    "last_name": """
        last name, surname, family name, last, lname, nachname, familienname, zuname, nom de famille,
        apellido, apellidos, cognome, sobrenome, apelido, achternaam, familienaam, etternavn, efternavn, efternamn,
        sukunimi, nazwisko, 姓, soyad, soyisim, фамилия, прізвище, příjmení, priezvisko, vezetéknév, prezime, επώνυμο,
        שם משפחה, اسم العائلة, นามสกุล
    """,
    "phone": """
        phone, phone number, phone no, telephone, telephone number, telephone no, tel, tel no, mobile, mobile phone,
        mobile number, mobile no, cell, cell phone, cell number, cellphone number, contact number, contact no,
        primary phone, home phone, work phone, business phone, msisdn, phone e164, phone 1, phone1,
        mobile phone number, cell phone number, day phone, evening phone, daytime phone, phone mobile, phone home,
        phone work, contact phone, customer phone, client phone, lead phone, number to call, phone 1 - value,
        telefon, telefonnummer, rufnummer, handy, handynummer, mobil, mobilnummer, mobiltelefon, teléfono,
        número de teléfono, teléfono móvil, móvil, celular, téléphone, numéro de téléphone, téléphone portable,
        téléphone mobile, telefone, número de telefone, telemóvel, numero di telefono, cellulare, telefon privat,
        telefon geschäftlich, telefon mobil, teléfono celular, teléfono de contacto, telefono, telefono cellulare,
        numero di cellulare, tél, tel fixe, portable, tél portable, número de celular, número de telemóvel,
        telefonnr, mobilnr, puhelin, puhelinnumero, matkapuhelin, numer telefonu, telefoon, telefoonnummer,
        mobiele telefoon, mobiel, mobiel nummer, rufnr, telnr, tel nr, handynr, telefon no, telefon numaras\u0131,
        cep telefonu, gsm, телефон, номер телефона, мобильный, мобильный телефон, сотовый, тел, номер телефону,
        telefón, telefónne číslo, telefonní číslo, telefonszám, număr de telefon, broj telefona, mobitel, τηλέφωνο,
        κινητό, טלפון, נייד, 電話番号, 携帯電話, 電話, 携帯番号, 携帯, 电话, 手机, 手机号, 手机号码, 电话号码,
        联系电话, 手機, 手機號碼, 電話號碼, 聯絡電話, 전화번호, 전화, 휴대폰, 휴대폰번호, 휴대전화, 핸드폰, 연락처,
        الهاتف, رقم الهاتف, الجوال, رقم الجوال, الموبايل, رقم الموبايل, تلفن, موبایل, फोन, फोन नंबर, मोबाइल,
        मोबाइल नंबर, โทรศัพท์, เบอร์โทร, เบอร์โทรศัพท์, มือถือ, no hp, nomor hp, telepon, no telepon, nomor telepon,
        điện thoại, số điện thoại
    """,
    "email": """
        email, e-mail, email address, e-mail address, mail, mail address, e-mail-adresse, mailadresse,
        correo, correo electrónico, courriel, adresse e-mail, adresse mail, endereço de e-mail,
        indirizzo e-mail,
        email 1, email1, e-mail 1 - value, primary email, work email, home email, contact email, customer email,
        mail-adresse, e-mailanschrift, dirección de correo, correo electronico, adresse électronique, e-mailadresse,
        sähköposti, adres e-mail,
        e-mailadres, e-post, メールアドレス, 邮箱, e-posta, электронная почта, эл. почта, почта,
        адрес электронной почты, електронна пошта, e-mail cím,
        メール, 电子邮箱, 电子邮件, 電子郵件, 이메일, البريد الإلكتروني, ईमेल, อีเมล
    """,
    "timezone": """
        time zone, iana time zone, tz, zeitzone, zona horaria, fuseau horaire, fuso horário, fuso orario,
        tijdzone
    """,
    # Not "region" or "estado", which mean other things as often.
    "state": """
        state, us state, state code, state/province, state or province, province, province/state, state/region,
        home state, mailing state, billing state, bundesland, provincia, provincie
    """,
    "postal_code": """
        postal code, postcode, post code, zip, zip code, zipcode, zip/postal code, postal/zip code,
        mailing postal code, mailing zip, billing zip, postleitzahl, plz, code postal, código postal,
        codice postale, cep, 郵便番号, 邮政编码
    """,
    # With "country code", whose cells may be calling codes: they are told from the codes of countries.
    "country": """
        country, country name, country code, country/region, country or region, country iso, iso country,
        iso country code, country iso code, country of residence, residence country, home country, mailing country,
        billing country, contact country, customer country, phone country, phone country code, country calling code,
        country dial code, country dialing code, country dialling code, calling code, dial code, dialing code,
        dialling code, nation, land, länderkennung, ländercode, länderkürzel, landescode, wohnsitzland,
        landesvorwahl, ländervorwahl, landkode, landkod, pays, code pays, pays de résidence, indicatif pays, país,
        código de país, código del país, código país, país de residencia, país de residência, paese, codice paese,
        nazione, stato estero, landcode, woonland, kraj, kod kraju, země, krajina, maa, ország, țară, ülke, država,
        држава, страна, країна, χώρα, negara, quốc gia, bansa, ประเทศ, देश, দেশ, البلد, الدولة, کشور, ארץ, מדינה, 国,
        国名, 国家, 國家, 國別, 国コード, 국가, 나라
    """,
    # Not "opt in", which is as often about e-mail.
    "consent": """
        consent, consent given, consented, call consent, phone consent, voice consent, consent to call,
        consent to calls, consent to be called, may be called, may call, einwilligung, einwilligung erteilt,
        consentement, consentimiento, consenso, consentimento, toestemming
    """,
    "consent_at": """
        consent at, consent date, consent time, consent timestamp, consent on, date of consent, consented at,
        consented on, consent given at, consent given on, einwilligung am, einwilligungsdatum, datum der einwilligung,
        date de consentement, date du consentement, fecha de consentimiento, data del consenso,
        data de consentimento, datum toestemming
    """,
    "consent_by": """
        consent by, consent given by, consent taken by, consent recorded by, consent obtained by, consent collected by
    """,
    "consent_wording": """
        consent wording, consent text, consent statement, consent language, einwilligungstext,
        texte du consentement, texto de consentimiento, testo del consenso
    """,
    "consent_revoked": """
        consent revoked, consent revoked at, consent revoked on, consent withdrawn, consent withdrawn at,
        consent withdrawn on, revoked consent, withdrawn consent, do not call, do not phone, do not contact, dnc,
        dnc status, dnc flag, do not call status, do not call flag, do not call phone, do not call list, call opt out,
        phone opt out, opt out of call, opt out of calls, opted out of call, opted out of calls, has opted out of call,
        has opted out of calls, no calls, einwilligung widerrufen, nicht anrufen, keine anrufe, nicht kontaktieren,
        consentement retiré, ne pas appeler, consentimiento revocado, no llamar, consenso revocato, non chiamare,
        não ligar, niet bellen, 電話不可
    """,
}


def normalise(header: str) -> str:
    """Reduce a header to what counts in a comparison: letters and digits without case or accents."""
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    return "".join(character for character in decomposed if character.isalnum())


ALIASES: dict[Field, frozenset[str]] = {
    field: frozenset(
        normalise(f"{word}{end}") for word in words.split(",") for end in (("", "1") if field == "phone" else ("",))
    )
    for field, words in _WORDS.items()
}
"""For each field, every normalised header that means it; of several numbered phones the first."""

_SAYS_PHONE = re.compile(
    "phone|mobil|cell|handy|nummer|telef|movil|celul|portab|tlf|puhelin|номер|телефон|電話|携|电话|手机|هاتف|جوال|"
    + normalise("전화")
)


def says_phone(header: str) -> bool:
    """Return whether a *header* speaks of telephones: of their numbers, or of something about them."""
    return _SAYS_PHONE.search(normalise(header)) is not None


_RESEMBLANCE = 0.5
"""Below one half, difflib's likeness of two headers is chance."""


def nearest(text: str, headers: Iterable[str]) -> str | None:
    """Return the header most like *text*, as a question to a person; it is never taken by itself."""
    by_form = {normalise(header): header for header in headers}
    near = difflib.get_close_matches(normalise(text), by_form, 1, _RESEMBLANCE)
    return by_form[near[0]] if near else None


def alias_columns(header: Iterable[str], field: Field) -> list[int]:
    """List the 0-based columns whose whole header is a known alias of *field*."""
    return [index for index, text in enumerate(header) if normalise(text) in ALIASES[field]]


def nearest_alias(field: Field, headers: Iterable[str]) -> str | None:
    """Return the header most like any alias of *field*, as a proposal to a person."""
    ratings = (
        (difflib.SequenceMatcher(None, normalise(header), alias).ratio(), header)
        for header in headers
        for alias in sorted(ALIASES[field])
    )
    rating, header = max(ratings, default=(0.0, None))
    return header if rating >= _RESEMBLANCE else None


_DIGITS_OF_A_NUMBER = 7
"""A header with as many digits is a cell of someone's row: the sheet has no header, or another row is."""


_NUMBER_ALONE = re.compile(r"[='\"]*[+(]?\d[\d ()./-]*\"?")


def holds_number(cells: Iterable[str]) -> bool:
    """Return whether one of the cells may be somebody's number: then the row is no header."""
    return any(sum(character.isdecimal() for character in cell) >= _DIGITS_OF_A_NUMBER for cell in cells)


def is_number(cell: str) -> bool:
    """Return whether a *cell* is somebody's number and nothing else, where a header should be."""
    text = cell.strip()
    return holds_number([text]) and _NUMBER_ALONE.fullmatch(text) is not None and not is_damaged(text)


def shown(header: str) -> str:
    """Write a header for a message: in quotes, or by its length where it may be somebody's number."""
    return quoted(header) if masked(header) == header else masked(header)


def quoted(text: str) -> str:
    """Write a header as a TOML string, to be pasted into a campaign file."""
    # Its strings are JSON's, but for one control character more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
