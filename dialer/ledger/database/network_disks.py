"""Finds the kind of disk a ledger lies on: SQLite's locks and syncs mean nothing on a network file system."""

from pathlib import Path

from dialer.errors import LedgerUnusable

MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs"})
"""Kinds of file systems whose files live on another machine (sqlite.org/howtocorrupt.html, section 2)."""


def refuse_network_disk(ledger: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a *ledger* on a network file system. Raises `LedgerUnusable` naming the kind.

    Linux lists its file systems in *mounts*; where there is no such list nothing is refused.
    """
    try:
        listed = mounts.read_text("utf-8", "replace")
    except OSError:
        return
    kind = kind_of(ledger.absolute(), listed)
    if kind in NETWORK or kind.startswith("fuse.sshfs"):
        raise LedgerUnusable(
            f"{ledger}: this is on a network file system ({kind}), where a ledger loses or corrupts what it holds. Put"
            " it on a local disk with --ledger or DIALER_LEDGER, or use PostgreSQL."
        )


def kind_of(path: Path, listed: str) -> str:
    """Return the kind of the file system that *path* is on, from lines such as `host:/dir /mnt nfs4 rw 0 0`."""
    best, kind = -1, ""
    for line in listed.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004 - device, mount point, kind
            continue
        mount = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), fields[2]
    return kind
