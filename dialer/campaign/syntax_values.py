"""Says what is wrong with a value of a campaign file that is no TOML, and what to write instead. Pure."""

import re

from dialer.campaign.syntax_place import PART, STRING, Place, begins_statement, is_sound, pair_in
from dialer.words import masked

_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)")
_QUOTE = 'put quotation marks around this value: "…".'
_BEHIND = "only a comment, which begins with #, may stand behind the value. Write another key on a line of its own."
_IN_TEXT = " If a quotation mark belongs to a text, put that text between quotation marks of the other kind."
_LIST = 'several values stand in square brackets, with commas between them: ["mon", "tue"].'
_BRACES = 'a table in braces stands on one line, with commas between its keys: { column = "Plan", required = true }.'


def in_list(place: Place) -> str | None:
    """Say what is wrong in a list; None where the statement holds none."""
    pair = pair_in(place.statement)
    if pair is None or not pair[1].startswith("["):
        return None
    rest, above = place.rest.strip(), "\n".join([*place.lines[place.begin - 1 : place.line - 1], place.before]).rstrip()
    is_next = place.line > place.begin and place.before.strip(" \t[") == "" and begins_statement(place.here)
    if not rest or rest.startswith("#") or is_next:
        return place.say("the list that begins here is never closed. Write ] behind its last value.", line=place.begin)
    if rest[0] in ")}":
        return place.say("a list is closed by ].")
    if place.begin == place.line and is_sound(f"x = {pair[1].removesuffix(place.rest.rstrip())}"):
        return place.say(_BEHIND)
    if rest[0] in "\"'" or above[-1] in "\"'":
        return place.say("a comma, or a quotation mark before it, is missing between the values of this list.")
    return place.say(_scalar(re.split(r"[\[,]", place.before)[-1] + re.split(r"[\],]", place.rest)[0]))


def in_braces(place: Place) -> str | None:
    """Say what is wrong in a table in braces; None where the statement holds none."""
    pair = pair_in(place.statement)
    if pair is None or not pair[1].startswith("{"):
        return None
    if place.rest.lstrip().startswith(":"):
        return place.say("write = in place of the colon.")
    keys = re.findall(rf"({PART})\s*=", STRING.sub("_", pair[1]))
    if repeated := next((key for key in keys if keys.count(key) > 1), None):
        return place.say(f"the key {masked(repeated)} stands twice in these braces. Keep one of the two.")
    is_value = place.before.rstrip().endswith("=") and place.rest.strip()
    return place.say(_scalar(re.split(r"[},]", place.rest)[0]) if is_value else _BRACES)


def single_value(place: Place) -> str | None:
    """Say what is wrong with a value that is neither list nor table."""
    pair = pair_in(place.statement)
    if pair is None:
        return None
    text = STRING.match(pair[1])
    if text is None:
        return place.say(_scalar(pair[1].partition("#")[0]))
    behind = pair[1][text.end() :].lstrip()
    if re.match(r",\s*[\"']", behind):
        return place.say(_LIST)
    return place.say(_BEHIND + (_IN_TEXT if any(mark in behind for mark in "\"'") else ""))


def _scalar(value: str) -> str:
    """Return what is wrong with a value that is no text between quotation marks."""
    rules: tuple[tuple[str, str], ...] = (
        (r"", "the value is missing. Write it, or delete the line."),
        (r"(?i:true|yes|on|false|no|off)", "write true or false, in small letters."),
        (r"(?i:none|null|nil|n/a|-)", "nothing stands for no value. Delete the line."),
        (rf"{_DAY.pattern}(?![/.]).*", "a day is written as 2026-12-24, an instant as 2026-12-24T09:00:00Z."),
        (r"\(.*[,\"'].*", _LIST),
        (
            r"[+-]?[\d.,']*,[\d.,']*|[+-]?\.\d+|[+-]?\d+\.",
            "a number is written with a point and digits around it: 2.5, 1000.",
        ),
        (r"[+-]?0\d+", "a number does not begin with 0. Put a code or a telephone number between quotation marks."),
        (r".*(?:\s//|;|,\s*[A-Za-z_-]+\s*=).*|[\d.]+\s+[A-Za-z_-]+\s*=.*", _BEHIND),
    )
    return next((said for pattern, said in rules if re.fullmatch(pattern, value.strip())), _QUOTE)
