"""Reads the cell of a country column: a name in one of many languages, an ISO code, or a calling code. Pure.

Names and codes lie in `countries.tsv`, with their source.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

_ALSO = {
    "AE": "UAE|Emirates|VAE|EAU",
    "BA": "Bosnia|BiH|Bosnien|Bosnie",
    "BO": "Bolivia, Plurinational State of",
    "BN": "Brunei Darussalam",
    "CD": "Congo|Kongo|Конго|コンゴ|콩고|刚果|剛果|Κονγκό|DR Congo|DRC"
    "|Congo, The Democratic Republic of the|Democratic Republic of the Congo",
    "CG": "Congo|Kongo|Конго|コンゴ|콩고|刚果|剛果|Κονγκό|Republic of the Congo",
    "CI": "Ivory Coast",
    "CN": "PRC|P.R. China|People's Republic of China|Mainland China|中华人民共和国",
    "CV": "Cabo Verde|Cape Verde",
    "CZ": "Czech Republic|Tschechische Republik|République tchèque|República Checa|Repubblica Ceca|Česká republika",
    "CH": "SUI|Helvetia",
    "DE": "GER|BRD|Bundesrepublik Deutschland|Federal Republic of Germany",
    "DK": "DEN",
    "DO": "Rep. Dominicana|Dominican Rep.",
    "GB": "UK|GB-ENG|GB-SCT|GB-WLS|GB-NIR|İngiltere|United Kingdom of Great Britain and Northern Ireland"
    "|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Großbritannien|Grande-Bretagne|Gran Bretaña"
    "|Gran Bretagna|Groot-Brittannië|Angleterre|Inghilterra|Inglaterra|Engeland",
    "GR": "EL|GRE",
    "HR": "CRO",
    "IE": "Republic of Ireland|Eire",
    "IR": "Iran, Islamic Republic of|Islamic Republic of Iran",
    "KP": "Korea|Korea, Democratic People's Republic of|DPRK",
    "KR": "ROK|S. Korea|Korea|Republic of Korea|Korea, Republic of|한국",
    "LA": "Lao People's Democratic Republic|Lao PDR",
    "MD": "Moldova, Republic of|Republic of Moldova",
    "MK": "Macedonia|Makedonija|FYROM",
    "MM": "Burma|Birma",
    "MO": "Macau|Macao",
    "MX": "Méjico",
    "NL": "NED|Holland|The Netherlands|Holanda|Hollande|Olanda",
    "PH": "Pilipinas",
    "PL": "Pologna",
    "PS": "Palestine|Palestine, State of|State of Palestine",
    "PT": "POR",
    "RU": "РФ|Russian Federation|Российская Федерация|Russische Föderation|Fédération de Russie",
    "SA": "KSA|Kingdom of Saudi Arabia",
    "SK": "Slovak Republic",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey",
    "TW": "Taiwan, Province of China|臺灣|中華民國|R.O.C.|Republic of China",
    "TZ": "Tanzania, United Republic of|United Republic of Tanzania",
    "US": "United States of America|U.S.A.|U.S.|America|Amerika|США|アメリカ|米国|ABD|VS|Соединённые Штаты Америки"
    "|États-Unis d'Amérique|Estados Unidos de América|EEUU|EE.UU."
    "|Estados Unidos da América|EUA|Vereinigte Staaten von Amerika|Stati Uniti d'America|Verenigde Staten van Amerika",
    "VA": "Vatican|Holy See",
    "VE": "Venezuela, Bolivarian Republic of",
    "VN": "Viet Nam",
    "ZA": "RSA|Republic of South Africa",
}
"""Further names that sheets use: those before and beside today's, and the forms of ISO's own list. What two countries
have means neither."""

_TERRITORIES = {
    "AU": "CC CX",
    "FI": "AX",
    "FR": "BL GF GP MF MQ NC PF PM RE WF YT",
    "GB": "GG IM JE",
    "NL": "AW BQ CW SX",
    "NO": "SJ",
    "US": "AS GU MP PR VI",
}
"""By country, territories with an ISO code of their own whose people are said to live in it (ISO 3166-2), too."""

_CALLING_CODE = re.compile(r"(\+|00)?\s*([1-9][0-9]{0,2})(?:\.0)?")
_CODE_DIGITS = 3
_ISO_NUMBER = re.compile(r"[0-9]{3}")
_PARTS = re.compile(r"\s*[()/|;\u2013\u2014]\s*|\s+-\s+|(?<=\d)\s+(?=[^\W\d])|(?<=[^\W\d])\s+(?=\+)")
_INVERTED = re.compile(r"([^,(]+?)\s*[,(]\s*([^,()]+)\)?")
"""`Korea, South`, and `Korea (South)`: as lists have it that are sorted by names."""

_ARTICLE = re.compile(r"the\s+", re.IGNORECASE)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
"""How German writes them where a keyboard has none."""

_FIRST_FLAG, _LAST_FLAG = 0x1F1E6, 0x1F1FF
_FLAG = re.compile(f"[{chr(_FIRST_FLAG)}-{chr(_LAST_FLAG)}]{{2}}")


class Country(NamedTuple):
    """What the cell of a country column says.

    *region* is the one that numbers without `+` are read in; *code* the ISO code of the country, `None` where only a
    calling code of several is known; *regions* those that a number of somebody there may be of.
    """

    region: str
    code: str | None
    regions: frozenset[str]


@lru_cache(maxsize=1024)
def read_country(text: str) -> Country | None:
    """Return the one country that *text* names; `None` for a text that names none, or may name two.

    Digits are a calling code, with `+` or without, or an ISO number; where they are both, they name two.
    """
    plain = _FLAG.sub(_letters_of_flag, text).strip()
    found = _read(plain)
    if found is not None:
        return found
    read = {_read(part) for part in _PARTS.split(plain) if part}
    known = {country for country in read if country is not None}
    codes = {country.code for country in known if country.code is not None}
    if len(known) < len(read) or len(codes) > 1:
        return None
    if not codes:
        return known.pop() if len(known) == 1 else None
    code = codes.pop()
    return _of(code) if all(code in country.regions for country in known) else None


def _read(text: str) -> Country | None:
    if any(map(str.isdecimal, text)):
        return _by_digits(text)
    inverted = _INVERTED.fullmatch(text)
    return _by_name(text) or (None if inverted is None else _by_name(f"{inverted[2]} {inverted[1]}"))


def _by_name(text: str) -> Country | None:
    """Read a code or a name; where accents are left out it may be another's: `Áo` is Austria, and AO Angola."""
    plain = _ARTICLE.sub("", text) if _ARTICLE.match(text) else text
    if plain.upper() == plain and plain in _codes():
        return _of(_codes()[plain])
    with_accents, without = _names()
    codes = with_accents.get(_letters(plain)) or without.get(_form(plain)) or frozenset()
    return _of(next(iter(codes))) if len(codes) == 1 else None


def _by_digits(text: str) -> Country | None:
    found = _CALLING_CODE.fullmatch(text)
    calling = () if found is None else COUNTRY_CODE_TO_REGION_CODE.get(int(found[2]), ())
    if found is not None and (found[1] or len(found[2]) < _CODE_DIGITS):
        return _of_calling_code(calling)
    numbered = _numbers().get(text) if _ISO_NUMBER.fullmatch(text) else None
    if numbered is None:
        return _of_calling_code(calling)
    return _of(numbered) if not calling or calling == (numbered,) else None


def _of(code: str) -> Country:
    return Country(code, code, frozenset([code, *_TERRITORIES.get(code, "").split()]))


def _of_calling_code(regions: tuple[str, ...]) -> Country | None:
    if not regions or regions[0] == "001":
        return None
    return Country(regions[0], regions[0] if len(regions) == 1 else None, frozenset(regions))


def _form(text: str) -> str:
    """Reduce a name to its letters without accents, in Arabic without hamza."""
    return "".join(
        mark for mark in _letters(text) if not "\u0300" <= mark <= "\u036f" and not "\u0653" <= mark <= "\u0655"
    )


def _letters(text: str) -> str:
    """Reduce a name to its letters and their signs, in one case."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in decomposed if mark.isalnum() or unicodedata.category(mark).startswith("M"))


def _letters_of_flag(flag: re.Match[str]) -> str:
    """Write a flag as the two letters that it is made of, parted from what stands beside it."""
    return f"|{''.join(chr(ord(mark) - _FIRST_FLAG + ord('a')) for mark in flag[0])}|"


@cache
def _rows() -> tuple[tuple[str, str, str, str], ...]:
    text = files("dialer.contacts").joinpath("countries.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple((alpha2, alpha3, number, names) for alpha2, alpha3, number, names in rows)


@cache
def _numbers() -> dict[str, str]:
    return {number: alpha2 for alpha2, _, number, _ in _rows() if number}


@cache
def _codes() -> dict[str, str]:
    """Return the countries of the codes of two and of three letters, but for NA: it says "not available" as often."""
    return {code: alpha2 for alpha2, alpha3, _, _ in _rows() for code in (alpha2, alpha3) if code != "NA"}


_Names = dict[str, frozenset[str]]


@cache
def _names() -> tuple[_Names, _Names]:
    """Return, by the letters of each name and code with their accents and without, the countries it may mean."""
    names = [
        (form, alpha2)
        for alpha2, alpha3, _, listed in _rows()
        for name in (alpha2, alpha3, *listed.split("|"), *_ALSO.get(alpha2, "").split("|"))
        for form in {name, name.translate(_UMLAUTS)}
        if name and name != "NA"
    ]
    return _by(_letters, names), _by(_form, names)


def _by(form: Callable[[str], str], names: list[tuple[str, str]]) -> _Names:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, code in names:
        found[form(name)].add(code)
    return {text: frozenset(codes) for text, codes in found.items()}
