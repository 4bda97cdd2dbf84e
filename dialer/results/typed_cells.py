"""What a text becomes in a workbook's cell: a number or a day where that reads back the same, else a text. Pure."""

import re
from datetime import date

XLSX_MAX_CHARACTERS = 32_767
"""The most UTF-16 units that one cell can hold; a longer text is cut there. CSV and JSON hold it all."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3}[1-9])?", re.ASCII)
_MOST_DIGITS = 9
"""Of a number that is written as one: any longer one may be a telephone number, or shown as an exponent."""
_DAY = re.compile(r"(?:19[1-9]\d|20\d\d)-\d\d-\d\d", re.ASCII)
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_held(text: str) -> str:
    """Return a text as a cell can hold it: without what XML cannot, and not too long."""
    text = _NO_XML.sub("", text)
    if len(text) > XLSX_MAX_CHARACTERS // 2:
        text = text.encode("utf-16-le")[: 2 * XLSX_MAX_CHARACTERS].decode("utf-16-le", "ignore")
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # xlsxwriter takes it for its own markup of a rich text, and writes it as it stands
    return text


def number_of(text: str) -> float | None:
    """Return the number that reads back as *text*, exact or as it is shown; None for any other text."""
    if not _NUMBER.fullmatch(text) or text == "-0" or sum(map(str.isdigit, text)) > _MOST_DIGITS:
        return None
    return float(text) if "." in text else int(text)


def day_of(text: str) -> date | None:
    """Return the day that reads back as *text*, in ISO's order; None for any other text."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
