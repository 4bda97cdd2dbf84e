"""Which texts say that somebody is not to be called, and how they are found among a million."""

import pytest

from dialer.sheets.opt_out_words import asks_not_to_call, says_not_to_call, tells_permission, texts_that_say_so

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


HEADERS = """
    Call Restrictions, Withdrawn, GDPR objection, Not contactable, NDNC, Anrufverbot, Sperrkennzeichen, Keine Werbung,
    Telefonwerbung untersagt, Inscrit Bloctel, Refus d'appel, Opposition au démarchage, Exclu, Baja, Fecha de baja,
    Rechaza llamadas, Lista Robinson, Não Me Perturbe, Lista de bloqueio, Recusou contato, Registro delle opposizioni,
    Opposizione, Rifiuta chiamate, Bel-me-niet Register, Recht van verzet, Geblokkeerd, Sprzeciw, Rezygnacja,
    Brak zgody, İYS Ret, Rahatsiz etmeyin, Отказ, Запрет звонков, Стоп-лист, Заблокирован,
    NIX-Telefon, Robinsonlisten, Reservert, 着信拒否, 連絡不要, オプトアウト, お断り, 禁止拨打, 免打扰,
    두낫콜, 통화거부, 광고 거부, رفض الاتصال, محظور,
    UNSUB_TIME, UNSUB_REASON, Unsubscription Date, NOPHONES, Requests no phone, No Solicitation, Cease & Desist,
    Right to object, Exclude from mailing, No cold calls, No telemarketing, Blocage téléphone, Stop pub, Ring ej,
    Reservasjon, İletişime geçilmesin, A nu se contacta, Ne zvati, не звати, не звънете, Neskambinti, Nezvanīt,
    Mitte helistada, Không liên hệ, Jangan dihubungi, Huwag tawagan, Usisumbue, Moenie bel nie
"""
"""What columns of it are called; among them registers: NDNC (IN), Bloctel (FR), Robinson (ES, DK),
Não Me Perturbe (BR), Registro delle opposizioni (IT), Bel-me-niet (NL), İYS (TR), NIX (SE), 두낫콜 (KR)."""


@pytest.mark.parametrize("header", [text.strip() for text in HEADERS.split(",")])
def test_a_header_about_people_not_to_call_is_recognised(header: str) -> None:
    """The column must be answered before anybody is called."""
    assert asks_not_to_call(header)


PERMISSIONS = """
    Opt-in, OptIn, opt_in, Opted In, OK to call, OK To Contact?, TCPA consent, TCPA Consent Language,
    Permission to call,
    May we call, May we call you?, Can we contact you, Marketing consent, Consent status, Consent to receive calls,
    Calls allowed, Allow calls, Agreed to be contacted, Accepts Email Marketing, Accepts SMS Marketing, OPTIN_TIME,
    OPTIN_IP, Double Opt-In, SMS Consent, Email Marketing Consent, ConsentsToOneToOneMessaging, GDPR consent,
    Legal basis for processing contact's data, Individual Consent, PrivacyConsentStatus, CaptureContactPointConsent,
    Einwilligung, Einwilligung Telefon, Zustimmung, Werbeeinwilligung, Einverständnis, Telefonerlaubnis, DSGVO,
    consentement, Autorisation d'appel, Accepte d'être appelé, Consentimiento, Autorización, Autoriza llamadas,
    Permiso para llamar, Consentimento,
    Autorização, Pode ligar, Consenso, Consenso al trattamento, Autorizzazione,
    Toestemming, Akkoord, Mag gebeld worden, Zgoda, Zgoda marketingowa, Samtycke, Samtykke, Suostumus, Markkinointilupa,
    Souhlas, Súhlas, Hozzájárulás, Consimțământ, Suglasnost, Onay, İzin,
    Согласие, Согласие на звонки, Згода,
    Συγκατάθεση, Persetujuan, Đồng ý, 同意, 電話同意, 承諾,
    授权, 동의, 마케팅 동의, ยินยอม, सहमति, موافقة, הסכמה,
    Phone Marketing, Marketing by phone, Telephone marketing, Contact by phone, Marketing preferences - telephone,
    Okay to phone?, Happy to be called?, Contactable by Phone, Can phone, Callable, Wants a call, Calls OK?, Call OK,
    OK to ring, May we phone you?, Please call me, I would like to receive calls, Eligible to call, Dialable,
    Email Marketing Status, Subscribed, Subscription status, Is Subscribed, Telefonkontakt erlaubt, Telefonwerbung,
    Kontakt per Telefon, Permite contacto telefónico, PEWC
"""
"""Headers of real exports (HubSpot, Klaviyo, Mailchimp, Salesforce, Shopify), and the word in the large languages."""

OTHERS = """
    Record ID, First Name, Last Name, Email, Phone Number, Contact owner, Lead Status, Lifecycle Stage, Create Date,
    Became a Customer Date, Marketing contact status, Original Source, Last Activity Date, Associated Company,
    ConvertedAccountId, DandbCompanyId, IsConverted, Jigsaw, CompanyDunsNumber, HasOptedOutOfEmail, GeocodeAccuracy,
    NumberOfEmployees, EmailBouncedReason, CanAllowPortalSelfReg, CleanStatus, AssistantName, MasterRecordId,
    Lead Owner, Salutation, Lead Source, Annual Revenue, Secondary Email, Skype ID, Industry, Rating,
    MEMBER_RATING, CONFIRM_TIME, CONFIRM_IP, LATITUDE, GMTOFF, DSTOFF, TIMEZONE, CC, REGION, LAST_CHANGED, LEID, EUID,
    Contact Id, Business Name, Created, Last Activity, Tags, Additional Emails, id, created_time, ad_id, ad_name,
    adset_id, campaign_name, form_id, form_name, is_organic, platform, full_name, phone_number, inbox_url, Given Name,
    Additional Name, Phonetic Last, Phone 1 - Type, Organization Name, Custom Field 1 - Value, Car Phone, Callback,
    TTY/TDD Phone, Directory Server, Sensitivity, Priority, Current Position, Paid Until, Club,
    Operation, Shop to call, Option, Options, Optional, Optician, Adoption, Cooperation, Consensus, Scallop, Permit no,
    Allowed amount, Agreement date, Agreement number, Accepted on, Authorized dealer, Authorization code, Mayor, Called,
    Contact method, Preferred contact method, Subscription, May,
    Call result, Number to call, Best time to call, Cancelled, Contact, Contact preference, Stimmung, Bestimmungsort,
    Erlass, Betrag, Accordeur, Accueil, Autoroute, Permanencia, Consumo, Conto, Zgierz, Souhrn, Lupin, Rizal, Izmir
"""
"""Headers of the same exports, and ones that look alike."""


@pytest.mark.parametrize("header", [text.strip() for text in PERMISSIONS.split(",")])
def test_a_header_about_permission_is_recognised(header: str) -> None:
    """Whoever said no below it did not agree: the column must be answered before anybody is called."""
    assert tells_permission(header)


@pytest.mark.parametrize("header", [text.strip() for text in OTHERS.split(",")])
def test_other_headers_tell_no_permission(header: str) -> None:
    """Nobody is asked about columns that say nothing of it."""
    assert not tells_permission(header)


PHONES = """
    Phone No, Contact no, Telefon No, No. Telepon, Nr. telefonu, Last called, Rückruf gewünscht, Nombre d'appels,
    Última llamada, Última ligação, Ultima chiamata, Laatst gebeld, Ostatni kontakt, Son arama, Последний звонок,
    架電結果, 連絡先, 联系电话, 来电时间, 통화시간, رقم الاتصال, Red, Retail, Object, Bus stop
"""


@pytest.mark.parametrize("header", [text.strip() for text in PHONES.split(",")])
def test_headers_about_numbers_and_calls_are_no_opt_out(header: str) -> None:
    """Nobody is asked about a number or the day of the last call."""
    assert not asks_not_to_call(header)
