"""Promises about the disk a ledger may lie on."""

from pathlib import Path

import pytest

from dialer.errors import LedgerUnusable
from dialer.ledger.database.network_disks import kind_of, refuse_network_disk

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /mnt/team nfs4 rw 0 0
/dev/sdb1 /mnt/team/local xfs rw 0 0
//host/share /mnt/my\\040share cifs rw 0 0
me@host: /home/me/far fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/ledger.db", "ext4"),
        ("/mnt/team/campaigns/.dialer/ledger.db", "nfs4"),
        ("/mnt/team/local/ledger.db", "xfs"),
        ("/mnt/teams/ledger.db", "ext4"),
        ("/mnt/my share/ledger.db", "cifs"),
        ("/home/me/far/ledger.db", "fuse.sshfs"),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str) -> None:
    """A folder belongs to the file system mounted nearest above it, spaces and look-alikes included."""
    assert kind_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("path", ["/mnt/team/ledger.db", "/mnt/my share/ledger.db", "/home/me/far/ledger.db"])
def test_a_ledger_on_a_network_disk_is_refused(tmp_path: Path, path: str) -> None:
    """It says which kind of disk it is and where the ledger could go."""
    listed = tmp_path / "mounts"
    listed.write_text(MOUNTS, "utf-8")
    with pytest.raises(LedgerUnusable, match="network file system"):
        refuse_network_disk(Path(path), listed)


def test_a_local_disk_and_a_machine_without_a_list_are_fine(tmp_path: Path) -> None:
    """Nothing is refused without a reason."""
    listed = tmp_path / "mounts"
    listed.write_text(MOUNTS, "utf-8")
    refuse_network_disk(Path("/srv/ledger.db"), listed)
    refuse_network_disk(Path("/mnt/team/ledger.db"), tmp_path / "missing")
