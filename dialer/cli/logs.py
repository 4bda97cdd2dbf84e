"""Logs of a command: on stderr with `--verbose`, in a file with `--log-file`, as text or JSON lines, UTC."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from dialer.errors import UsageError
from dialer.words import trouble

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FACTS = ("action", "run_id", "contact_id", "row")
"""What a record may carry besides its sentence."""


class LogFormat(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


class UtcText(logging.Formatter):
    """Lines for people, with instants in UTC."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the library's
        """Return the record's instant, ISO 8601."""
        del datefmt
        return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}Z"


class JsonLines(UtcText):
    """One JSON object a line: instant, level, logger, message, and what the record carries besides."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts = {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        told = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        return json.dumps({**told, "message": record.getMessage(), **facts}, ensure_ascii=False)


def known_format(kind: str) -> str:
    """Return *kind*. Raises `UsageError` for a word that is no format."""
    if kind not in set(LogFormat):
        raise UsageError(f"--log-format: {kind} is none of {', '.join(LogFormat)}.")
    return kind


def formatter_of(kind: str) -> logging.Formatter:
    """Return the formatter of a format. Raises `UsageError` for a word that is none."""
    return JsonLines() if known_format(kind) == LogFormat.JSON else UtcText(TEXT)


def log_to_stderr(kind: str) -> None:
    """Log every step on stderr."""
    _add(logging.StreamHandler(sys.stderr), kind)


def log_to_file(path: Path, kind: str) -> None:
    """Log every step at the end of *path*, which only its owner can read. Raises `UsageError` where it cannot be."""
    formatter_of(kind)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log-file {path}: cannot be written: {trouble(error)}.") from error
    _add(handler, kind)


def _add(handler: logging.Handler, kind: str) -> None:
    handler.setFormatter(formatter_of(kind))
    logger = logging.getLogger("dialer")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
