"""Decides what became of a request that failed without a whole reply. Pure."""

import ssl

import httpx

from dialer.calls.outcome import Outcome, StopCode, never_sent, no_reply
from dialer.reasons import Reason
from dialer.tls import tls_error, told

BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What httpx raises only while there is no connection yet."""


class Withheld(Exception):
    """A request was held back at the moment when it would have left."""


def judge_failure(error: Exception, *, leaving: bool) -> Outcome:
    """Map an exception of an exchange to an outcome.

    *Not sent* takes two proofs: the request had not begun to leave, and the error is one of `BEFORE_SENDING`.
    """
    if isinstance(error, Withheld) and not leaving:
        return never_sent("its connection opened too late for it", reason=Reason.CLAIM_EXPIRED)
    if isinstance(error, BEFORE_SENDING) and not leaving:
        return never_sent(what_failed(error), stop=tls_stop(error))
    return no_reply(what_failed(error))


def unreachable(error: Exception) -> Outcome:
    """Return the outcome that stops a run whose API could not be asked, because of *error*."""
    stop = tls_stop(error) or StopCode.UNREACHABLE
    return never_sent(f"the API cannot be reached ({what_failed(error)})", stop=stop)


def tls_stop(error: Exception) -> StopCode | None:
    """Return the stop that a wrong certificate asks for: no later connection fares better."""
    return StopCode.CERTIFICATE if isinstance(tls_error(error), ssl.SSLCertVerificationError) else None


_NAMES: dict[type[Exception], str] = {
    TimeoutError: "no whole reply in time",
    httpx.ConnectTimeout: "no connection in time",
    httpx.ConnectError: "no connection",
    httpx.PoolTimeout: "no free connection",
    httpx.ReadTimeout: "no reply in time",
    httpx.WriteTimeout: "the request could not be written in time",
    httpx.ReadError: "the connection broke",
    httpx.WriteError: "the connection broke",
    httpx.CloseError: "the connection broke",
    httpx.LocalProtocolError: "the request could not be written",
    httpx.UnsupportedProtocol: "the address is of no kind that can be asked",
    httpx.RemoteProtocolError: "the connection was closed or the reply was garbled",
    httpx.DecodingError: "the reply could not be unpacked",
}


def what_failed(error: Exception) -> str:
    """Name a failure without quoting it: a foreign message may hold an address or a body."""
    handshake = tls_error(error)
    return told(handshake) if handshake is not None else _NAMES.get(type(error), "the exchange failed")
