"""How the stand-in writes its replies: success wrapped in `data`, errors with their messages."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


def datum(call: bytes) -> bytes:
    """Wrap one call's JSON object as the API does."""
    return b'{"data": ' + call + b"}"


def data(calls: Iterable[bytes]) -> bytes:
    """Wrap the JSON objects of several calls as the API does."""
    return b'{"data": [' + b", ".join(calls) + b"]}"


def json_reply(content: bytes) -> Response:
    """Answer 200 with JSON."""
    return Response(content, media_type="application/json")


def error_reply(status: int, messages: list[str], headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an error as the API writes it."""
    content = {"statusCode": status, "message": messages, "error": _phrase(status)}
    return Response(json.dumps(content), status, headers, "application/json")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status asked for that no standard names
        return "Error"


async def no_such_route(_request: Request, error: Exception) -> Response:
    """Answer a request to an address or method that the API does not have."""
    if not isinstance(error, HTTPException):
        raise error
    return error_reply(error.status_code, ["the API has no such address or method"], error.headers)


async def journal_failed(_request: Request, error: Exception) -> Response:
    """Answer a POST that could not be kept: nothing was created."""
    return error_reply(500, [f"the sandbox cannot write its journal: {error}"])
