"""A disk that is full, for real: the operating system refuses the ledger to grow."""

import subprocess
import sys

import pytest

from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer, environment
from tests.support import ANY_HOUR, CampaignFolder, number

pytestmark = pytest.mark.slow


def with_file_limit(blocks: int, folder: CampaignFolder, url: str) -> subprocess.CompletedProcess[str]:
    """Run the campaign where no file may grow beyond *blocks* of 512 bytes."""
    command = 'ulimit -f "$1"; shift; exec "$@"'
    run = [sys.executable, "-m", "dialer", "run", str(folder.campaign_file), "--yes"]
    return subprocess.run(
        ["/bin/sh", "-c", command, "sh", str(blocks), *run],
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("blocks", [240, 500], ids=["while reading", "while sending"])
def test_a_full_disk_calls_nobody_that_the_ledger_does_not_hold(folder: CampaignFolder, blocks: int) -> None:
    """Wherever the disk runs full, the run ends with 5, and once there is room everybody is called exactly once."""
    folder.people(300)
    folder.campaign(ANY_HOUR + '[submit]\nrequests_per_second = 2000\nsettle_time = "0s"\n')
    with Sandbox() as sandbox:
        full = with_file_limit(blocks, folder, sandbox.url)
        before = len(sandbox.created)
        dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        dialer("reconcile", folder.campaign_file, "--release", url=sandbox.url)
        last = dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        numbers = sorted(call["toPhoneNumber"] for call in sandbox.created)

    assert full.returncode == 5, full.stderr
    assert "full" in full.stderr
    assert "Traceback" not in full.stderr
    assert before < 300
    assert numbers == sorted(map(number, range(300)))
    assert last.returncode == 0
