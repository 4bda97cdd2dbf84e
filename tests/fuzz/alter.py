"""Alters good files as damage, other programs and hostile people do, each change by the random numbers given. Pure.

A workbook is unzipped, one of its parts is altered by what it holds, and it is zipped again: bytes altered in the zip
itself are found by its checksums, and never reach a reader.
"""

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

_VALUES = """
    0|-1|1|1048577|4294967295|99999999999999999999|1_0|1E+308|nan||true|A1|XFD1048576|b4|A1:XFD1048576|s|str|e|d|b|
    inlineStr|float|date|time|2026-12-01|2026-12-01T09:30:00Z|-PT26H|-000-32768-01-01|collapse|hidden|General|@|"+"0|
    [h]:mm|0.00E+00|;;;|[<5]0|[$-407]d mmm|utf-16|x
""".replace("\n", "").split("|")
_TEXTS = [
    *["4155550100", "&#0;", "_x0000_", "&lt;", "\u202e", "#N/A", ""],
    *["<!-- -->", "<![CDATA[1]]>", "<c/>", "<row r='3'/>"],
]
_WORDS = [
    *["Name", "Phone", "+14155550100", '="007"', '="', '"', ",", ";", "sep=;"],
    *["\r", "\n", "\0", "\x1a", "\ufeff", "\u042f", "\xe9"],
]
_ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251", "cp932", "gb18030", "big5", "cp1252", "koi8-r"]
_CELLS = re.compile(r"sheet\d*\.(xml|bin)$|content\.xml$")

_ATTRIBUTE, _TAG, _TEXT = re.compile(r'="([^"]*)"'), re.compile(r"(<[^>]+>)"), re.compile(r">([^<]+)<")
_WHOLE_ATTRIBUTE = re.compile(r'(\s[\w:]+="[^"]*")')


def altered(content: bytes, suffix: str, random: Random) -> bytes:
    """Return the *content* of a file of the kind *suffix* with a few things altered."""
    for _ in range(random.choice([1, 1, 2, 4])):
        if suffix == ".csv":
            content = _text(content, random)
        elif suffix == ".xls" or random.random() < 0.05:
            content = _bytes(content, random)
        else:
            content = _workbook(content, random)
    return content


def _workbook(content: bytes, random: Random) -> bytes:
    """Alter one part, most often one with cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, KeyError):
        return content
    names = list(parts)
    name = random.choice([name for name in names if _CELLS.search(name)] + random.choices(names, k=2))
    alter = _bytes if name.endswith(".bin") else _xml
    parts[name] = alter(parts[name], random)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for each, part in parts.items():
            archive.writestr(zipfile.ZipInfo(each), part)
    return changed.getvalue()


def _bytes(content: bytes, random: Random) -> bytes:
    """Overwrite, insert, repeat or cut out a few bytes."""
    at = random.randrange(len(content) + 1)
    put = random.choice([b"\xff\xff\xff\xff", b"\0\0", bytes([random.randrange(256)]), content[at : at + 20]])
    return content[:at] + put + content[at + random.choice([len(put), 0, 8]) :]


def _xml(content: bytes, random: Random) -> bytes:
    """Put another value into an attribute or a text; repeat or leave out an attribute or an element."""
    text = content.decode("utf-8", "replace")
    return random.choice(_XML_CHANGES)(text, random).encode("utf-8", "replace")


def _replaced(text: str, pattern: re.Pattern[str], new: Callable[[str], str], random: Random) -> str:
    """Replace one of the places where *pattern* fits."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    return text[: match.start(1)] + new(match[1]) + text[match.end(1) :]


_XML_CHANGES: list[Callable[[str, Random], str]] = [
    lambda text, random: _replaced(text, _ATTRIBUTE, lambda _: random.choice(_VALUES), random),
    lambda text, random: _replaced(text, _TEXT, lambda _: random.choice(_TEXTS + _VALUES), random),
    lambda text, random: _replaced(text, _WHOLE_ATTRIBUTE, lambda _: "", random),
    lambda text, random: _replaced(text, _WHOLE_ATTRIBUTE, lambda attribute: attribute * 2, random),
    lambda text, random: _replaced(text, _TAG, lambda _: "", random),
    lambda text, random: _replaced(text, _TAG, lambda tag: tag + random.choice(_TEXTS), random),
    lambda text, random: _replaced(text, _TAG, lambda tag: tag * 2, random),
    lambda text, random: text[: random.randrange(len(text) + 1)],
]


def _text(content: bytes, random: Random) -> bytes:
    """Put a word in, in any encoding; or alter bytes."""
    if random.random() < 0.3:
        return _bytes(content, random)
    at = random.randrange(len(content) + 1)
    word = random.choice(_WORDS).encode(random.choice(_ENCODINGS), "ignore")
    return content[:at] + word + content[at + random.choice([0, 0, 1, 5]) :]
