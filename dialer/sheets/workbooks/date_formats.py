"""Shows a date, a time or a span by the tokens of an Excel number format. Pure."""

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

_NOON = 12
_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_FRACTIONS = ("0", "00", "000")
_LITERAL = frozenset(" -/:.,'()T")


def show_moment(value: date | time | timedelta, tokens: Sequence[str]) -> str | None:
    """Show *value* by *tokens*, single letters and quoted texts as the format has them.

    `None` for unknown ones, and for the day of a time.
    """
    words = _words(tokens)
    if words is None or not any(_LETTERS.match(word) or _ELAPSED.match(word) for word in words):
        return None
    if not isinstance(value, date) and any(_is_of_day(words, position) for position in range(len(words))):
        return None
    span = _span(value)
    moment = _rounded(_moment(value), next((len(word) for word in words if word[0] == "0"), 0))
    twelve = any(word.casefold() in {"am/pm", "a/p"} for word in words)
    texts = []
    for position, word in enumerate(words):
        text = _word(word, moment, span, is_minute=_is_minute(words, position), twelve=twelve)
        if text is None:
            return None
        texts.append(text)
    return "".join(texts)


def _words(tokens: Sequence[str]) -> list[str] | None:
    """Join equal letters to words: `d d d d` becomes `dddd`. Digits are known as a fraction of seconds, `ss.000`."""
    words: list[str] = []
    for token in tokens:
        if token[0] in "0#?":
            is_fraction = words[-1:] == ["."] and words[-2:-1] in (["s"], ["ss"])
            if not is_fraction or token not in _FRACTIONS:
                return None
        repeats = words and _LETTERS.fullmatch(token) and words[-1].casefold() == token.casefold() * len(words[-1])
        if repeats:
            words[-1] += token
        else:
            words.append(token)
    return words


def _moment(value: date | time | timedelta) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    first = date(1900, 1, 1)
    if isinstance(value, time):
        return datetime.combine(first, value)
    return datetime.combine(first, time.min) + value % timedelta(days=1)


def _rounded(moment: datetime, digits: int) -> datetime:
    """Round to as many *digits* of a second as are shown; without any, what is stored has its say by itself."""
    unit = 10 ** (6 - digits)
    if not digits:
        return moment
    return moment.replace(microsecond=0) + timedelta(microseconds=(moment.microsecond + unit // 2) // unit * unit)


def _span(value: date | time | timedelta) -> timedelta | None:
    """Return what an elapsed time counts; a date has none worth telling."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, time):
        return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return None


def _is_of_day(words: Sequence[str], position: int) -> bool:
    """Return whether a word shows a part of a date, which a time alone does not have."""
    letter = words[position][0].casefold()
    return letter in "yd" or (letter == "m" and not _is_minute(words, position))


def _is_minute(words: Sequence[str], position: int) -> bool:
    """Return whether an `m` is minutes: it follows hours, or comes before seconds."""
    if words[position].casefold() not in {"m", "mm"}:
        return False
    letters = [word.casefold().strip("[]") for word in words]
    before = next((word for word in reversed(letters[:position]) if _LETTERS.match(word)), "")
    after = next((word for word in letters[position + 1 :] if _LETTERS.match(word)), "")
    return before[:1] == "h" or after[:1] == "s"


def _word(word: str, moment: datetime, span: timedelta | None, *, is_minute: bool, twelve: bool) -> str | None:
    folded = word.casefold()
    if _ELAPSED.fullmatch(folded):
        return None if span is None else _elapsed(folded.strip("[]"), span)
    if is_minute:
        return f"{moment.minute:0{len(word)}d}"
    if twelve and folded in {"h", "hh"}:
        return f"{moment.hour % _NOON or _NOON:0{len(word)}d}"
    if word in _FRACTIONS:
        return f"{moment.microsecond:06d}"[: len(word)]
    written = _WRITERS.get(folded)
    return literal_text(word, _LITERAL) if written is None else written(moment)


def literal_text(piece: str, plain: frozenset[str]) -> str | None:
    """Return the text that a *piece* of a format shows as it stands: quoted, escaped, one of *plain*, or a sign of
    another script; `None` for any other.
    """
    if piece[0] == '"':
        return piece[1:-1] if piece[1:].endswith('"') else None
    if piece[0] == "\\":
        return piece[1:]
    return piece if piece in plain or not (piece.isascii() or piece.isdecimal()) else None


def _elapsed(unit: str, span: timedelta) -> str:
    seconds = int(span.total_seconds())
    amount = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[unit[0]]
    return f"{amount:0{len(unit)}d}"


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda moment: f"{moment.year:04d}",
    "yy": lambda moment: f"{moment.year % 100:02d}",
    # English: the names follow the locale that a program sets, and this one sets none.
    "mmmm": lambda moment: calendar.month_name[moment.month],
    "mmm": lambda moment: calendar.month_abbr[moment.month],
    "mm": lambda moment: f"{moment.month:02d}",
    "m": lambda moment: str(moment.month),
    "dddd": lambda moment: calendar.day_name[moment.weekday()],
    "ddd": lambda moment: calendar.day_abbr[moment.weekday()],
    "dd": lambda moment: f"{moment.day:02d}",
    "d": lambda moment: str(moment.day),
    "hh": lambda moment: f"{moment.hour:02d}",
    "h": lambda moment: str(moment.hour),
    "am/pm": lambda moment: "PM" if moment.hour >= _NOON else "AM",
    "a/p": lambda moment: "P" if moment.hour >= _NOON else "A",
    "ss": lambda moment: f"{moment.second:02d}",
    "s": lambda moment: str(moment.second),
}
