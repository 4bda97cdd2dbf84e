"""Several calls in one `POST /v1/phoneCalls/batch`: its body, and what its reply says of each of them. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialer.api.echo import Request, contradiction, differs, is_repeated
from dialer.api.reply import judge_reply
from dialer.calls.call_id import usable_id
from dialer.calls.outcome import Kind, Outcome


def batch_body(bodies: Sequence[bytes]) -> bytes:
    """Return the body of the batch for several calls' bodies."""
    return b'{"phoneCalls":[' + b",".join(bodies) + b"]}"


def judge_batch_reply(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    sent: Sequence[Request],
    now: datetime,
    secret: str = "",
) -> list[Outcome]:
    """Judge a whole HTTP reply to a batch: one outcome for each call *sent*, in order.

    How the API reports a batch is documented by one example only. So a position counts as created only where the
    reply has one entry for each call, and the entry repeats that call's number and instant. An entry that tells others
    ends the run.
    """
    if not 200 <= status < 300:  # noqa: PLR2004 - the class of success
        return [judge_reply(status, headers, content, now=now, secret=secret)] * len(sent)
    entries = _batch_entries(content)
    unclear = judge_reply(status, headers, b"", now=now)
    if len(entries) != len(sent):
        return [unclear] * len(sent)
    return [_judge_entry(entry, call, status) or unclear for entry, call in zip(entries, sent, strict=True)]


def _batch_entries(content: bytes) -> list[Any]:
    try:
        entries = json.loads(content)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return entries if isinstance(entries, list) else []


def _judge_entry(entry: Any, request: Request, status: int) -> Outcome | None:
    call_id = usable_id(entry.get("_id")) if isinstance(entry, dict) else None
    if call_id is None:
        return None
    if is_repeated(entry, request):
        return Outcome(Kind.CREATED, call_id=call_id, http_status=status)
    what = contradiction(entry, request)
    return differs(what, call_id, status) if what else None
