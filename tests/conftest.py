"""Fixtures that real runs are made of: a campaign's folder, a bare environment, TLS, a closed port, a PostgreSQL."""

import gc
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from dialer.tls import shared_context
from tests.ledger.postgres import CannotStart, GivenServer, Server, running_server
from tests.support import CampaignFolder

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a fresh folder of the user's own in it
_MEMORY_NEEDED = 2 << 30
"""Bytes: what the folders of the tests that are under way hold is a small part of it."""

_numbers = count()

if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_NEEDED:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))  # ledgers sync every commit: no test waits for a disk

gc.disable()  # until the tests begin: collecting them makes millions of values and no cycle
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process that a test starts compiles the program anew: 0.4 s

settings.register_profile("dialer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dialer")  # a busy machine makes no promise untrue: pytest's own timeout ends what hangs


def pytest_collection_finish() -> None:
    """Take what was collected out of the sight of the garbage collector: it is there until the end."""
    gc.enable()
    gc.freeze()


@pytest.fixture(autouse=True)
def _bare_environment() -> Iterator[None]:
    """No variable of the machine reaches a test, and none of a test reaches the next."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("AICALLER_", "DIALER_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def folder(tmp_path: Path) -> CampaignFolder:
    """Return a folder of a campaign that may call at any hour, with a sheet of three callable rows."""
    return CampaignFolder(tmp_path)


@pytest.fixture(scope="session")
def context() -> ssl.SSLContext:
    """Return the context that a run's connections share."""
    return shared_context()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a self-signed certificate for 127.0.0.1 and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command makes the certificate, and this machine has none")
    folder = tmp_path_factory.mktemp("certificate")
    made = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"))
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    whose = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([openssl, "req", "-x509", *kind, *whose, *made], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


@pytest.fixture(scope="session")
def server_context(certificate: Path) -> ssl.SSLContext:
    """Return the server's side of the self-signed certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a PostgreSQL that lives as long as the tests, or the one that was named for them."""
    if url := os.environ.get("POSTGRESQL_URL"):
        given = GivenServer(url)
        yield given
        given.close()
        return
    try:
        with running_server() as server:
            yield server
    except CannotStart as reason:
        pytest.skip(f"no PostgreSQL here: {reason}")


@pytest.fixture
def database(postgres: Server) -> str:
    """Return the URL of an empty database on PostgreSQL."""
    return postgres.create_database(f"ledger_{next(_numbers)}")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Return a port that is bound, so that no other program takes it, and that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
