"""Puts placeholders where output differs from one run to the next: instants, run ids, ids of calls, paths."""

import re
from pathlib import Path

HOME = "/home/ada/calls"
"""What stands on the pages for the folder in which the commands were run."""

_BYTE_ORDER_MARK = "\ufeff"

_IDS_OF_CAMPAIGNS = "363573667364666473667332"

_PLACEHOLDERS = (
    (r"\b\d{8}T\d{6}Z-[0-9a-f]{6}\b", "YYYYMMDDThhmmssZ-xxxxxx"),
    (r"\b\d{8}T\d{6}Z", "YYYYMMDDThhmmssZ"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "YYYY-MM-DDThh:mm:ss.sssZ"),
    (r'(?<="night": ")\d{4}-\d\d-\d\d', "YYYY-MM-DD"),
    (r"(?<=[a-z]-)\d{4}-\d\d-\d\d(?=\.(?:csv|json))", "YYYY-MM-DD"),
    (r"(?<=^)([a-z]+) \d{4}-\d\d-\d\d(?=: exit)", r"\1 YYYY-MM-DD"),
    (r'(?<="calls_to_ring": )\d+', "23"),  # fewer where the machine was slow, and the first has rung
    (rf"\b(?!{_IDS_OF_CAMPAIGNS})[0-9a-f]{{24}}\b", "0123456789abcdef01234567"),
)


def normalise(text: str, folder: Path) -> str:
    """Return the output *text* of commands run in *folder* as every run of them prints it."""
    for place in (folder.resolve(), folder):
        text = text.replace(str(place), HOME)
    for pattern, placeholder in _PLACEHOLDERS:
        text = re.sub(pattern, placeholder, text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.removeprefix(_BYTE_ORDER_MARK).splitlines())
