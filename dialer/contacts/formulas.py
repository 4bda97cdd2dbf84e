"""Keeps a spreadsheet program from running a cell of ours as a formula, and undoes that when the file comes back. Pure.

The triggers are those of OWASP ASVS 1.2.10, with carriage return, NUL and the full-width forms added.
"""

import re

_TRIGGERS = "=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = re.compile(rf"'*\s*[{_TRIGGERS}]")
_HARMLESS = re.compile(r"\+[1-9]\d{6,14}|-?\d+(?:\.\d+)?")
"""A whole phone number in E.164, or a plain number: evaluated, each is itself. `+1-1` is neither."""


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program could run; leave `+14155550123` byte for byte."""
    if _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def restore(text: str) -> str:
    """Give back what `neutralise` was given."""
    if text.startswith("'") and _DANGEROUS.match(text):
        return text[1:]
    return text
