"""The sandbox's own list of the calls it created, and the journal that lets the list outlive a kill."""

import json
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dialer.sandbox.call_lifecycle import Born, iso_ms


def wall_clock_ms() -> int:
    """Return the machine's time in milliseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One created call; *body* is its JSON object as the API answers it, as bytes that nobody can change."""

    call_id: str
    call_template_id: str
    born: Born
    body: bytes

    @property
    def created_ms(self) -> int:
        """When it was created, in ms since the epoch."""
        return self.born.created_ms


class Calls:
    """The created calls in order of creation, safe to read from any thread.

    With a *journal*, `open` loads the calls it holds and each new one is handed to the operating system, as
    one JSON line of a file that only its owner may read, before `add` returns. *now_ms* tells the time of
    creation in milliseconds since the epoch.
    """

    def __init__(self, journal: Path | None = None, *, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        self._journal = journal
        self.now_ms = now_ms
        self._calls: list[StoredCall] = []
        self._by_id: dict[str, StoredCall] = {}
        self._to_number: Counter[str] = Counter()
        self._lock = threading.Condition()
        self._descriptor: int | None = None

    def open(self) -> None:
        """Load the journal and get ready to append to it.

        Raises `OSError` when it cannot be opened, `ValueError` naming the line that is no call. A last line
        without its end was cut by a kill before its reply: that call never counted, and the line is removed.
        """
        if self._journal is None:
            return
        descriptor = os.open(self._journal, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._journal.chmod(0o600)  # an older file, or a hostile umask, may have other rights
            content = self._journal.read_bytes()
            whole = content.rfind(b"\n") + 1
            self._to_number.clear()
            calls = [self._parse(line, number) for number, line in enumerate(content[:whole].splitlines(), 1)]
            os.ftruncate(descriptor, whole)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._calls = calls
        self._by_id = {call.call_id: call for call in calls}

    def close(self) -> None:
        """Close the journal; the list stays readable."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def add(self, requests: Sequence[Mapping[str, Any]]) -> list[StoredCall]:
        """Create one call for each valid request body, all or none, and return them in the same order.

        Raises `OSError` when the journal cannot be written; then none was created.
        """
        created_ms = self.now_ms()
        bodies = [_create(request, iso_ms(created_ms)) for request in requests]
        with self._lock:
            new = [self._stored(body, json.dumps(body).encode("ascii"), created_ms) for body in bodies]
            try:
                self._append(b"".join(call.body + b"\n" for call in new))
            except OSError:
                self._to_number.subtract(call.born.phone for call in new)
                raise
            self._calls.extend(new)
            self._by_id.update((call.call_id, call) for call in new)
            self._lock.notify_all()
        return new

    def wait_for(self, count: int, *, timeout_seconds: float) -> bool:
        """Wait until at least *count* calls exist; return whether they do when the time is up."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._calls) >= count, timeout_seconds)

    def find(self, call_id: str) -> StoredCall | None:
        """Return the call with this id, or `None`."""
        return self._by_id.get(call_id)

    def listed(
        self,
        *,
        call_template_id: str | None = None,
        until_ms: int | None = None,
        most: int | None = None,
        oldest: bool = False,
    ) -> list[StoredCall]:
        """Return the calls, newest last: of one template, created until *until_ms*, at *most* so many.

        Those left are the newest, or the *oldest*.
        """
        with self._lock:
            calls = list(self._calls)
        if call_template_id is not None:
            calls = [call for call in calls if call.call_template_id == call_template_id]
        if until_ms is not None:
            calls = [call for call in calls if call.created_ms <= until_ms]
        if most is None:
            return calls
        return calls[:most] if oldest else calls[max(0, len(calls) - most) :]

    def __len__(self) -> int:
        return len(self._calls)

    def since(self, count: int) -> list[StoredCall]:
        """Return the calls created after the first *count*."""
        with self._lock:
            return self._calls[count:]

    def _stored(self, call: Mapping[str, Any], body: bytes, created_ms: int) -> StoredCall:
        phone, planned = call.get("toPhoneNumber", ""), call.get("callDelayedUntil")
        planned_ms = created_ms if planned is None else round(datetime.fromisoformat(planned).timestamp() * 1000)
        self._to_number[phone] += 1
        born = Born(created_ms, planned_ms, phone, self._to_number[phone])
        return StoredCall(call["_id"], call["callTemplateId"], born, body)

    def _append(self, lines: bytes) -> None:
        if self._descriptor is None:
            return
        size, written = os.fstat(self._descriptor).st_size, 0
        try:
            written = os.write(self._descriptor, lines)
        finally:
            if written < len(lines):
                os.ftruncate(self._descriptor, size)
        if written < len(lines):
            raise OSError(f"{self._journal}: the disk is full")

    def _parse(self, line: bytes, number: int) -> StoredCall:
        try:
            call = json.loads(line)
            created = datetime.fromisoformat(call["createdAt"])
            return self._stored(call, line, round(created.timestamp() * 1000))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self._journal}, line {number}: is not a call of the sandbox") from error


def _create(request: Mapping[str, Any], instant: str) -> dict[str, Any]:
    call_id = secrets.token_hex(12)
    return {"status": "queued", **request, "_id": call_id, "createdAt": instant, "updatedAt": instant}
