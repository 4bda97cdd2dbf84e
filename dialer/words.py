"""Words for people that a number decides, commands to copy, and numbers that no message tells."""

import re
import shlex


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return *count* with its noun: `1 call`, `1,234 calls`; *many* is the plural where it is not *one* and an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def command(*words: object, sandbox: bool = False) -> str:
    """Return the command `dialer WORDS` as a shell takes it: each word quoted where it must be.

    *sandbox*: the command is one of a rehearsal.
    """
    return shlex.join(["dialer", *map(str, words), *(["--sandbox"] if sandbox else [])])


_NUMBER = re.compile(r"(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)|\+?\d(?:[ ()./-]*\d){6,}")


def masked(text: str) -> str:
    """Return *text* with everything that may be a whole phone number told by how many digits it has; instants stay."""
    return _NUMBER.sub(
        lambda found: found["instant"] or f"(a number of {sum(map(str.isdecimal, found[0]))} digits)", text
    )
