"""What is missing is named with the command that installs it here."""

import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from dialer.extras import DISTRIBUTION, PACKAGE, install_command


def test_a_checkout_names_its_own_path(tmp_path: Path) -> None:
    """In a checkout the command installs that checkout's part, whatever its path is called."""
    checkout = tmp_path / "two words"
    (checkout / "dialer").mkdir(parents=True)
    (checkout / "pyproject.toml").touch()
    command = install_command("webhooks", package=checkout / "dialer")
    assert shlex.split(command) == ["pip", "install", "-e", f"{checkout}[webhooks]"]


def test_an_installed_wheel_names_the_distribution(tmp_path: Path) -> None:
    """Elsewhere it names the distribution, whose name on the index is our own."""
    command = install_command("webhooks", package=tmp_path / "dialer")
    assert shlex.split(command) == ["pip", "install", "campaign-dialer[webhooks]"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("uvicorn", ["run", "sample", "--sandbox"], "sandbox"),
        ("uvicorn", ["sandbox"], "sandbox"),
        ("uvicorn", ["webhooks", "serve", "sample"], "webhooks"),
        ("psycopg", ["status", "--ledger", "postgresql://dialer@localhost/dialer"], "postgresql"),
    ],
)
def test_a_missing_part_is_named_with_its_command(missing: str, arguments: list[str], extra: str) -> None:
    """A command whose optional part is not installed ends with 2 and says how to install it."""
    code = f"import sys; sys.modules[{missing!r}] = None; from dialer.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert f"is not installed. Run: {install_command(extra)}" in ended.stderr


def test_the_version_is_that_of_the_distribution() -> None:
    """The name in pyproject.toml is the one that is looked up."""
    assert version(DISTRIBUTION)
