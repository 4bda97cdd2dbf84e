"""A sheet in an object store, a stand-in for S3: whole, of one state, read with the credentials of the environment."""

import logging
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dialer.errors import SheetError, UsageError
from dialer.extras import install_command
from dialer.sheets.sources.object_store import pieces_of_object

SHEET = b"Name,Phone\nAda,+12125550100\n"
SECRET = "canary"  # noqa: S105 - of nobody


@pytest.fixture
def store() -> Iterator[Any]:
    """Return a client of the stand-in, which the environment names; its bucket holds a sheet."""
    import boto3  # noqa: PLC0415 - 0.5 s, for these tests alone
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - as above

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": SECRET,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client("s3")
    client.create_bucket(Bucket="people")
    client.put_object(Bucket="people", Key="spring/a sheet.csv", Body=SHEET)
    try:
        yield client
    finally:
        client.close()
        server.stop()


@pytest.mark.slow
def test_an_object_is_read_as_it_is_or_not_at_all(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is whole and of one state: a missing one, a folder and one that is replaced meanwhile are refused."""
    caplog.set_level(logging.DEBUG)
    address = "s3://people/spring/a sheet.csv"
    assert b"".join(pieces_of_object(address, label="it")) == SHEET
    for wrong in ("s3://people/none.csv", "s3://people/spring"):
        with pytest.raises(SheetError, match=r"^it: ") as caught:
            list(pieces_of_object(wrong, label="it"))
        assert SECRET not in str(caught.value)
    pieces = pieces_of_object(address, label="it")
    next(pieces)
    store.put_object(Bucket="people", Key="spring/a sheet.csv", Body=SHEET.replace(b"100", b"101"))
    with pytest.raises(SheetError, match="was changed while"):
        next(pieces)
    assert SECRET not in caplog.text


def test_a_missing_part_is_named_with_its_command() -> None:
    """Whoever has not installed the library is told how this installation gets it."""
    kept = sys.modules.get("fsspec")
    modules: dict[str, Any] = sys.modules
    modules["fsspec"] = None  # as one that is not installed
    try:
        with pytest.raises(UsageError) as caught:
            list(pieces_of_object("s3://people/people.csv", label="it"))
    finally:
        del modules["fsspec"]
        modules |= {} if kept is None else {"fsspec": kept}
    assert install_command("remote") in str(caught.value)
