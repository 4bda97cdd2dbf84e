"""Words for people that a number decides, commands to copy, and numbers that no message tells."""

import errno
import re
import shlex


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return *count* with its noun: `1 call`, `1,234 calls`; *many* is the plural where it is not *one* and an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def verb(count: int, one: str, many: str) -> str:
    """Return the verb of *count* things: `waits`, `wait`."""
    return one if count == 1 else many


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


_NO_RIGHT = "permission is denied; change its rights or its owner"
_NETWORK = "its network disk is gone; connect it again"
_TROUBLES = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.ENOENT: "there is no such file or folder; mend the path",
    errno.ENOTDIR: "a part of its path is a file and no folder; mend the path",
    errno.EISDIR: "it is a folder; name a file",
    errno.EEXIST: "a file of that name is in the way; move it, or choose another name",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one",
    errno.EINVAL: "its disk does not take such a name; choose another",
    errno.ELOOP: "its links lead in a circle; mend them",
    errno.ENOSPC: "the disk is full; make room there",
    errno.EDQUOT: "this user's share of the disk is used up; make room there",
    errno.EFBIG: "it may not grow any more; make room, or lift the limit (ulimit -f)",
    errno.EROFS: "its disk may only be read; choose another place",
    errno.EBUSY: "another program uses it; close that",
    errno.ETXTBSY: "another program uses it; close that",
    errno.EMFILE: "this program has too many files open; lift the limit (ulimit -n)",
    errno.ENFILE: "this machine has too many files open; end other programs",
    errno.EIO: "the disk failed; see that it is connected and sound",
    errno.ESTALE: _NETWORK,
    errno.ENOTCONN: _NETWORK,
    errno.ETIMEDOUT: _NETWORK,
    errno.ENOLCK: "its disk knows no locks; choose a local disk",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}
"""What an error of the operating system means for a file, a folder or a port, and what to do (errno(3))."""


def trouble(error: OSError) -> str:
    """Return what *error* means and what to do, as the end of a sentence: `the disk is full; make room there`."""
    return _TROUBLES.get(error.errno or 0, "") or f"the system says: {error.strerror or type(error).__name__}"
