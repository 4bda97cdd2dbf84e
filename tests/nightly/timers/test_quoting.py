"""Promises about paths in units: whatever a folder is called, the program is given exactly that."""

import re
import shlex

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.errors import UsageError
from dialer.nightly.timers.quoting import (
    cron_command,
    jinja_free,
    kubernetes_argument,
    refuse_unwritable,
    systemd_argument,
    systemd_program,
    systemd_word,
    workflow_string,
)
from tests.nightly.timers.readers import cron_reads, kubernetes_reads, systemd_reads

TRICKY = st.sampled_from(
    ["%", "\\", "'", '"', "{", "}", "#", "$", "$HOME", "${{", "}}", "%%", "\\%", "''", " ", "é", "日本", "🙂"]
)
WRITABLE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")

paths = st.lists(TRICKY | WRITABLE, max_size=12).map(lambda parts: "/" + "".join(parts))


@pytest.mark.slow
@given(paths)
def test_systemd_reads_the_path_back(path: str) -> None:
    """Specifiers, variables, quotes and backslashes of a path are only characters."""
    assert systemd_reads(systemd_word(path), expands=False) == path
    assert systemd_reads(systemd_argument(path), expands=True) == path


@given(paths)
def test_systemd_starts_a_program_under_any_name(path: str) -> None:
    """One with a quotation mark or a backslash, which systemd itself refuses to run, takes the place of a shell."""
    shell, _, word = systemd_program(path).rpartition('"$$@"\' ')
    if set(path) & set("\\'\""):
        assert shlex.split(shell + '"$$@"\'') == ["/bin/sh", "-c", 'exec "$$0" "$$@"']
        assert systemd_reads(word, expands=True) == path
    else:
        assert systemd_reads(systemd_program(path), expands=False) == path


@pytest.mark.slow
@given(paths, paths)
def test_cron_and_its_shell_read_the_paths_back(program: str, folder: str) -> None:
    """After cron has taken its escapes off, the shell finds the very words."""
    command = cron_command(shlex.join([program, "nightly", folder]))
    assert shlex.split(cron_reads(command)) == [program, "nightly", folder]


@pytest.mark.slow
@given(paths, paths)
def test_jinja_finds_nothing_and_the_shell_reads_the_paths_back(program: str, folder: str) -> None:
    """No path opens an expression, a statement or a comment of the template that Airflow takes a command for."""
    command = jinja_free(shlex.join([program, "nightly", folder]))
    assert not re.search(r"\{[{%#]", command)
    assert shlex.split(command) == [program, "nightly", folder]


@pytest.mark.slow
@given(paths)
@example("/${${{{{")
def test_a_workflow_reads_the_path_back(path: str) -> None:
    """YAML gives the string, GitHub finds no expression in it but those that stand for `${{` itself."""
    read = yaml.safe_load(f"folder: {workflow_string(path)} # a comment")["folder"]
    literal = "${{ '${{' }}"
    assert "${{" not in read.replace(literal, "|")  # not "", which would join what stands on either side
    assert read.replace(literal, "${{") == path


@pytest.mark.slow
@given(paths)
@example("/$(HOME)$$(HOME)")
def test_a_container_reads_the_path_back(path: str) -> None:
    """YAML gives the string, and Kubernetes finds no variable in it."""
    assert kubernetes_reads(yaml.safe_load(f"- {kubernetes_argument(path)} # a comment")[0]) == path


@pytest.mark.slow
@given(paths)
def test_a_path_that_can_be_written_is_not_refused(path: str) -> None:
    """Blanks, quotes, signs and every script are fine."""
    refuse_unwritable(path)


@pytest.mark.parametrize("char", ["\n", "\r", "\0", "\x1b", "\x85", "\u2028", "\u2029", "\udcff", "\uffff"])
def test_a_path_that_cannot_be_written_is_refused(char: str) -> None:
    """A line break would end a setting or a crontab's line and begin another: it is refused, and shown escaped."""
    with pytest.raises(UsageError, match="Rename it") as refused:
        refuse_unwritable(f"/srv/cam{char}paigns")
    assert char not in str(refused.value)
