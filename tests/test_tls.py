"""TLS: a wrong certificate is told as what it is, nothing is sent past it, and session keys are kept nowhere."""

import asyncio
import os
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.api.client import Client
from dialer.calls.outcome import Kind, Outcome, StopCode
from dialer.nightly.notify import ping
from dialer.tls import shared_context
from tests.api.raw_server import RawServer, answer
from tests.api.test_client import BODY, KEY, LONG
from tests.support import FakeClock

OPENSSL = shutil.which("openssl") or ""


def served(folder: Path, *, names: str = "IP:127.0.0.1", days: tuple[int, int] = (-1, 2), by: str = "") -> Path:
    """Make a certificate for *names*, valid between two days from now, self-signed or signed *by* an unknown authority.

    Return its file, with the key in it.
    """
    config = folder / "ca.cnf"
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    config.write_text(
        f"[ca]\ndefault_ca = it\n[it]\ndatabase = {folder}/index.txt\nserial = {folder}/serial\n"
        f"new_certs_dir = {folder}\n"
        f"default_md = sha256\npolicy = any\nx509_extensions = ours\n[any]\ncommonName = supplied\n"
        f"[ours]\nsubjectAltName = {names}\n[req]\ndistinguished_name = dn\n[dn]\n"
    )
    begins, ends = (f"{datetime.now(UTC) + timedelta(days=day):%Y%m%d%H%M%SZ}" for day in days)

    def run(*words: str) -> None:
        subprocess.run([OPENSSL, *words], check=True, capture_output=True, cwd=folder)

    def key_and_request(name: str) -> None:
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}")
        run("req", "-new", *kind, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-config", str(config))

    key_and_request("server")
    signs = ["-selfsign", "-keyfile", "server.key"]
    if by:
        key_and_request(by)
        run("x509", "-req", "-in", f"{by}.csr", "-signkey", f"{by}.key", "-out", f"{by}.pem")
        signs = ["-cert", f"{by}.pem", "-keyfile", f"{by}.key"]
    run("ca", "-batch", "-config", str(config), "-in", "server.csr", "-out", "server.pem", "-notext",
        "-startdate", begins, "-enddate", ends, *signs)  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "server.key").read_text() + (folder / "server.pem").read_text())
    return both


def asked(certificate: Path, context: ssl.SSLContext) -> tuple[Outcome, Outcome | None, RawServer]:
    """POST to a server with this *certificate*, and probe it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    async def run() -> tuple[Outcome, Outcome | None, RawServer]:
        async with RawServer(answer, tls=tls) as server:
            client = Client(server.url, KEY, clock=FakeClock(), read_seconds=LONG, context=context)
            async with client:
                return await client.create(BODY), await client.probe(), server

    return asyncio.run(run())


@pytest.mark.skipif(not OPENSSL, reason="the openssl command makes the certificates, and this machine has none")
@pytest.mark.parametrize(
    ("made", "vouched", "told"),
    [
        ({}, "by nobody", "its certificate is self-signed"),
        ({"days": (-9, -2)}, "by us", "its certificate has expired"),
        ({"days": (2, 9)}, "by us", "its certificate is not valid yet"),
        ({"names": "IP:127.0.0.2"}, "by us", "its certificate is for another address"),
        ({"by": "nobody"}, "by nobody", "signed by an authority that this machine does not know"),
    ],
    ids=["self-signed", "expired", "not yet valid", "another address", "unknown authority"],
)
def test_a_wrong_certificate_is_told_as_what_it_is(
    made: dict[str, object],
    vouched: str,
    told: str,
    tmp_path: Path,
) -> None:
    """Nothing was sent, trying again will not mend it, and the message says what is wrong with the certificate."""
    certificate = served(tmp_path, **made)  # type: ignore[arg-type] # the parameters of the test
    context = shared_context.__wrapped__()  # one of its own, for what it comes to trust here
    if vouched == "by us":
        context.load_verify_locations(tmp_path / "server.pem")

    outcome, probed, server = asked(certificate, context)

    assert (outcome.kind, outcome.stop, server.requests) == (Kind.NOT_SENT, StopCode.CERTIFICATE, [])
    assert told in outcome.message
    assert probed is not None
    assert probed.stop == StopCode.CERTIFICATE
    assert told in probed.message


def test_session_keys_are_written_nowhere(certificate: Path, server_context: ssl.SSLContext, tmp_path: Path) -> None:
    """`SSLKEYLOGFILE` lets whoever reads that file read the key and people's numbers: it is not honoured."""
    log = tmp_path / "keys.log"
    os.environ["SSLKEYLOGFILE"] = str(log)
    context = shared_context.__wrapped__()  # one of its own, for what it comes to trust here
    context.load_verify_locations(certificate)

    async def run() -> tuple[Outcome, bool]:
        async with (
            RawServer(answer, tls=server_context) as server,
            Client(server.url, KEY, clock=FakeClock(), read_seconds=LONG, context=context) as client,
        ):
            return await client.create(BODY), await ping(f"{server.url}/ping", context=context)

    outcome, _ = asyncio.run(run())

    assert outcome.kind == Kind.CREATED
    assert not log.exists()
