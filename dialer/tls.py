"""The TLS of every connection that this program opens, and what a failed handshake says to people."""

import ssl
from functools import cache
from typing import cast

import certifi

_WRONG_CERTIFICATE = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its certificate is signed by an authority that this machine does not know",
    20: "its certificate is signed by an authority that this machine does not know",
    21: "its certificate is signed by an authority that this machine does not know",
    62: "its certificate is for another host",
    64: "its certificate is for another address",
}
"""By OpenSSL's codes of verification (`X509_V_ERR_…` in x509_vfy.h)."""


@cache
def shared_context() -> ssl.SSLContext:
    """Return the TLS context that all connections of this process share; making it takes 20 to 50 ms.

    `ssl.create_default_context`, and httpx with it, would write the session keys to the file that `SSLKEYLOGFILE`
    names, whatever else is said about the environment; a context made from the parts does not.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies host name and certificate
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=certifi.where())
    return context


def tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """Return the TLS failure behind an exception of an HTTP library; None where it was something else.

    A handshake that was cut off or never ended is something else: `ssl` has an exception of its own for each.
    """
    while error is not None:
        if type(error) in (ssl.SSLError, ssl.SSLCertVerificationError):
            return cast("ssl.SSLError", error)
        error = error.__cause__ or error.__context__
    return None


def told(error: ssl.SSLError) -> str:
    """Say what is wrong with the other side's TLS, in words of our own: foreign ones may hold anything."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _WRONG_CERTIFICATE.get(error.verify_code, "its certificate cannot be trusted")
    return "it speaks no TLS that this program accepts"
