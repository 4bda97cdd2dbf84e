"""The optional parts of the distribution, and how this installation gets one that is missing."""

import shlex
from pathlib import Path

DISTRIBUTION = "campaign-dialer"
"""The name on the package index; the package and the command are called `dialer`."""

PACKAGE = Path(__file__).parent


def install_command(extra: str, *, package: Path = PACKAGE) -> str:
    """Return the command that installs the optional part *extra*: from the checkout that *package* is in, if it is.

    The optional parts are those of `[project.optional-dependencies]` in pyproject.toml.
    """
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file():
        return f"pip install -e {shlex.quote(f'{checkout}[{extra}]')}"
    return f"pip install '{DISTRIBUTION}[{extra}]'"
