"""The built wheel stands alone: installed outside the checkout it runs, its types hold, and its pages are there."""

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from docs.generate.pages import ROOT

CALLER = """
from dialer import RunSummary, Status, load_campaign, run_campaign


def created(path: str) -> int:
    summary: RunSummary = run_campaign(load_campaign(path))
    return summary.counts[Status.CREATED]


reveal_type(created("campaign.toml"))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


class Installed:
    """A virtual environment with the wheel in it, in a folder that holds nothing of the checkout but the sample."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheel = self._built()
        self.python = folder / "env" / "bin" / "python"
        venv.create(folder / "env")
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", str(self.wheel)], timeout=120, check=True)
        packages = folder / "env" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        beside = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
        (packages / "what_the_wheel_depends_on.pth").write_text("\n".join(beside), "utf-8")
        (folder / "campaigns").mkdir()
        for name in ("sample_contacts.csv", "campaigns/sample.toml", "campaigns/do_not_call.csv"):
            (folder / name).write_bytes((ROOT / name).read_bytes())

    def run(self, *arguments: str, program: str = "python") -> str:
        """Run a program of the environment in the folder and return what it prints; it must end with 0."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(self.python.with_name(program)), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=kept, capture_output=True, text=True, timeout=300, check=True
        ).stdout

    def _built(self) -> Path:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(self.folder / "dist")]
        subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=True)
        (wheel,) = (self.folder / "dist").glob("campaign_dialer-*.whl")
        return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it into an empty environment."""
    return Installed(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_carries_types_and_pages_and_nothing_that_makes_them(installed: Installed) -> None:
    """`py.typed`, the rules and every page are in it; the generator and the tests are not."""
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    pages = {f"dialer/{page.relative_to(ROOT)}" for page in (ROOT / "docs").rglob("*.md")}
    assert {"dialer/py.typed", "dialer/schedule/rules/US.toml", *pages} <= names
    assert not [name for name in names if not name.startswith(("dialer/", "campaign_dialer-")) or "generate" in name]


def test_the_installed_command_does_its_work(installed: Installed) -> None:
    """Version, rules and a rehearsal of the sample, by the wheel's own code and command."""
    where = installed.run("-c", "import dialer; print(dialer.__file__)")
    assert Path(where.strip()).is_relative_to(installed.folder / "env")
    assert installed.run("--version", program="dialer").startswith("dialer 0.")
    assert "Florida" in installed.run("rules", "US-FL", program="dialer")
    assert installed.run("run", "campaigns/sample.toml", "--sandbox", program="dialer").strip().endswith(".csv")


def test_a_caller_is_type_checked(installed: Installed) -> None:
    """`mypy --strict` takes a small caller, and knows what the public functions return.

    Other packages are not looked into: reading them takes twice as long as all the rest, and no result has their types.
    """
    (installed.folder / "caller.py").write_text(CALLER, "utf-8")
    others = packages_distributions().keys() - {"dialer"}
    unread = "".join(f"[mypy-{name}.*]\nfollow_imports = skip\n" for name in sorted(others) if name.isidentifier())
    (installed.folder / "mypy.ini").write_text(f"[mypy]\ncache_dir = cache\n{unread}", "utf-8")
    shown = installed.run("-m", "mypy", "--strict", "--config-file", "mypy.ini", "caller.py")
    assert 'Revealed type is "builtins.int"' in shown.replace('"int"', '"builtins.int"')
