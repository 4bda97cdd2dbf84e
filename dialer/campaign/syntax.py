"""Explains why a campaign file is no TOML: in which line, what stands there, what to write instead. Pure.

The parser tells where it gave up; what was meant is read from the text around that place. A value is never repeated: it
may be a secret.
"""

import re
import tomllib
from collections.abc import Callable

from dialer.campaign.syntax_place import KEY, PART, STRING, Place, header_in, is_sound, pair_in
from dialer.campaign.syntax_values import in_braces, in_list, single_value
from dialer.words import masked

_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_MOST_CHARACTERS, _MOST_LINES, _LONGEST_LINE = 20_000, 100, 1_000
"""Of a file that is parsed more than once, twice the longest; of a statement; and of a line that is looked at."""

_WRONG_ESCAPE = re.compile(r"\"(?:[^\"\\]|\\.)*?\\(?![btnfr\"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_CURLY = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb\u2032\u2033\u0060\u00b4\uff02\uff07"

_STRAIGHT = 'this quotation mark is not a straight one. Write ".'
_EQUALS = "write one = between the key and its value."
_COMMENT = "a comment begins with #."
_ESCAPE = r"between double quotation marks, \ has a meaning of its own. Write / for each \ of a path, or put the text"
_ESCAPE += " between single quotation marks."
_OTHERWISE = (
    "cannot be understood. A line holds a table, such as [call], or a key and its value, such as record = true."
)


def explain_syntax(text: str, error: ValueError) -> str:
    """Return where and how *text*, which `tomllib` refused with *error*, is to be mended."""
    if not isinstance(error, tomllib.TOMLDecodeError):
        return "a number in it has thousands of digits."
    lines = text.replace("\r\n", "\n").split("\n")
    if found := _AT.search(str(error)):
        line, column = int(found[1]), int(found[2])
    else:  # at the end of the file
        line = max((number for number, content in enumerate(lines, 1) if content.strip()), default=1)
        column = len(lines[line - 1]) + 1
    place = Place([content[:_LONGEST_LINE] for content in lines], _begin(lines, line), line, column)
    return next(said for rule in _RULES if (said := rule(place)))


def _begin(lines: list[str], line: int) -> int:
    """Return the line in which the statement begins that *line* is a part of: what stands above it is sound."""
    first = line if sum(map(len, lines)) > _MOST_CHARACTERS else max(1, line - _MOST_LINES)
    return next((begin for begin in range(line, first, -1) if is_sound("\n".join(lines[: begin - 1]))), first)


def _odd_character(place: Place) -> str | None:
    character = place.rest[:1]
    if character and character in _CURLY:
        return place.say(_STRAIGHT)
    if character == "\r":
        return place.say("the lines end as on an old Macintosh. Save the file with the line ends of Windows or Unix.")
    if character.isprintable() or character == "\t":
        return None
    return place.say(
        f"an invisible character stands here (U+{ord(character):04X}). Delete it, and type a space if one is meant."
    )


def _conflict(place: Place) -> str | None:
    """Return what is said of a statement that is sound by itself: it contradicts one above it."""
    if not is_sound("\n".join(place.lines[place.begin - 1 : place.line])):
        return None
    header = header_in(place.statement)
    name, _ = header or pair_in(place.statement) or ("", "")
    earlier = _earlier(place, name, pair_in if header is None else header_in)
    if earlier is None:
        return place.say(f"the name {masked(name)} is taken already by what stands above.", line=place.begin)
    if header is None:
        said = f"the key {masked(name)} has a value in line {earlier} already. Keep one of the two."
    elif place.lines[earlier - 1].lstrip()[:2] == "[[":
        said = f"write [[{masked(name)}]], as in line {earlier}."
    else:
        said = (
            f"the table [{masked(name)}] stands in line {earlier} already. Write its keys there, and delete this line."
        )
    return place.say(said, line=place.begin)


def _earlier(place: Place, name: str, kind: Callable[[str], tuple[str, str] | None]) -> int | None:
    """Return the line above that has this *name*, for a key in the same table."""
    for number in range(place.begin - 1, 0, -1):
        text = place.lines[number - 1]
        if (found := kind(text)) and _bare(found[0]) == _bare(name):
            return number
        if kind is pair_in and header_in(text):
            return None
    return None


def _bare(name: str) -> str:
    return re.sub(r"[\s\"']", "", name)


def _escape(place: Place) -> str | None:
    unclosed = place.rest == "" and re.search(r"\\\"\s*$", place.here)
    return place.say(_ESCAPE) if unclosed or _WRONG_ESCAPE.search(place.here) else None


def _open_quote(place: Place) -> str | None:
    if place.rest:
        return None
    for line in range(place.begin, place.line + 1):
        left = STRING.sub(lambda found: " " * len(found[0]), place.lines[line - 1]).partition("#")[0]
        at = min((left.index(mark) for mark in "\"'" if mark in left), default=None)
        if at is not None:
            curly = next((index for index in range(at, len(left)) if left[index] in _CURLY), None)
            said = "this quotation mark is never closed. Close it on the same line." if curly is None else _STRAIGHT
            return place.say(said, line=line, column=1 + (at if curly is None else curly))
    return None


def _open_text(place: Place) -> str | None:
    marks = next((marks for marks in ('"""', "'''") if marks in place.statement), None)
    is_open = marks is not None and "\n".join(place.lines[place.begin - 1 : place.line]).count(marks) == 1
    return place.say(f"the text that begins with {marks} here is never closed.", line=place.begin) if is_open else None


def _table_header(place: Place) -> str | None:
    if not place.statement.lstrip().startswith("["):
        return None
    header = header_in(place.statement)
    brackets = [place.statement.partition("#")[0].count(bracket) for bracket in "[]"]
    if header is None or brackets[0] > brackets[1]:
        return place.say(
            "a bracket of this table is never closed: write [call], for instance, or [[call.webhooks]].",
            line=place.begin,
        )
    if header[1] and not header[1].startswith("#"):
        return place.say("a table, such as [call], stands alone on its line. Write what is behind it on the next.")
    return place.say(
        "the name of a table, such as [call], has only the letters A to Z, digits, - and _. Put any other name between"
        " quotation marks."
    )


def _no_pair(place: Place) -> str | None:
    text = place.statement.strip()
    if re.match(r"//|;|--|/\*|%|!", text):
        return place.say(_COMMENT, line=place.begin)
    if re.fullmatch(rf"{PART}\s*:", text):
        return place.say(
            "write a table in brackets, such as [call], and its keys on the lines below.", line=place.begin
        )
    if re.match(rf"{PART}\s*:", text):
        return place.say("write = in place of the colon.", line=place.begin)
    pair = pair_in(place.statement)
    if pair is None:
        is_key = re.match(rf"{PART}\s+\S|{PART}$", text) and text[0] != "-"
        return place.say(_EQUALS if is_key else _OTHERWISE, line=place.begin)
    if not KEY.fullmatch(pair[0]):
        is_missing = "what stands before = is empty. Write the key there."
        other = "a key with other characters than the letters A to Z, digits, - and _ stands between quotation marks."
        return place.say(other if pair[0] else is_missing, line=place.begin)
    return place.say(_EQUALS, line=place.begin) if pair[1][:1] in ("=", ">") else None


_RULES: tuple[Callable[[Place], str | None], ...] = (
    _odd_character,
    _conflict,
    _escape,
    _open_text,
    _open_quote,
    _table_header,
    _no_pair,
    in_list,
    in_braces,
    single_value,
    lambda place: place.say(_OTHERWISE),
)
"""Of these the first that knows what is wrong says it."""
