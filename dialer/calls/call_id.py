"""Which text can be the id of a call. Pure."""

import re

MAX_ID_LENGTH = 200
_ID = re.compile(r"[0-9A-Za-z_][!-~]*")


def usable_id(found: object) -> str | None:
    """Return *found* when it can be an id, else None: ASCII without spaces, not endless, a letter or digit first.

    The API's examples are 20 digits and 24 hexadecimal ones; anything that a terminal or a table could take for
    something else is no id, in whatever reply it comes.
    """
    usable = isinstance(found, str) and len(found) <= MAX_ID_LENGTH and _ID.fullmatch(found)
    return str(found) if usable else None
