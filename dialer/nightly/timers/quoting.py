"""Writes a path so that systemd, cron, Jinja, YAML, GitHub and Kubernetes each read back the same path. Pure."""

import json
import re
import unicodedata

from dialer.errors import UsageError

_UNWRITABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that not every unit can hold: control characters, undecodable bytes, line and paragraph breaks."""

_NONCHARACTERS = "\ufffe\uffff"
"""Not allowed in YAML (yaml.org/spec/1.2.2, production 1)."""


def refuse_unwritable(path: str) -> None:
    """Raise `UsageError` where *path* holds a character that a unit cannot hold, such as a line break."""
    if any(char in _NONCHARACTERS or unicodedata.category(char) in _UNWRITABLE for char in path):
        raise UsageError(
            f"{path!r}: holds a line break or another control character, which no timer's file can hold. Rename it."
        )


def systemd_word(path: str) -> str:
    r"""Quote *path* as one word of a setting: `%` opens a specifier, `\` and `"` are escaped (systemd.syntax(7))."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def systemd_argument(text: str) -> str:
    """Quote *text* as an argument in `ExecStart=`, where a `$` is expanded too; in the program's own path it is not."""
    return systemd_word(text.replace("$", "$$"))


def systemd_program(path: str) -> str:
    r"""Write *path* as the program of `ExecStart=`: systemd runs none whose path holds a quotation mark or a backslash.

    A shell starts such a one, and is replaced by it, so that signals reach it all the same.
    """
    if set(path) & set("\"'\\"):
        return f'/bin/sh -c \'exec "$$0" "$$@"\' {systemd_argument(path)}'
    return systemd_word(path)


def cron_command(shell: str) -> str:
    r"""Write the *shell* command, quoted by `shlex`, into a crontab, where a bare `%` is a line break and `\%` a `%`.

    A backslash of the path's own before a `%` would be taken for that escape: it is kept off by an empty string.
    The trick needs single quotes around the backslash, and `shlex` leaves none outside of them.
    """
    return re.sub(r"(?<=\\)%", "''%", shell).replace("%", r"\%")


def jinja_free(shell: str) -> str:
    """Write the *shell* command, quoted by `shlex`, so that Jinja finds nothing to replace.

    Airflow renders its commands. An empty string splits `{{`, `{%` and `{#`. `shlex` quotes each `{`, so
    that the shell takes the two parts for one word.
    """
    return re.sub(r"\{(?=[{%#])", "{''", shell)


def workflow_string(text: str) -> str:
    """Quote *text* as a YAML string of a workflow: a JSON string is one, and `${{` would open an expression."""
    return json.dumps(text.replace("${{", "${{ '${{' }}"), ensure_ascii=False)


def kubernetes_argument(text: str) -> str:
    """Quote *text* as a YAML string of a container's arguments, in which `$(NAME)` would be replaced: `$$` is a `$`."""
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)
