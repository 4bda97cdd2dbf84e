"""Reads a sheet from S3 or Google Cloud Storage, with the credentials that their own libraries find."""

import logging
from collections.abc import Iterator
from typing import Any

from dialer.errors import SheetError, UsageError
from dialer.extras import install_command

_PIECE_BYTES = 8 << 20

for _name in ("aiobotocore", "botocore", "gcsfs", "google", "s3fs", "urllib3"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they log headers and signatures below that, and guesses


def pieces_of_object(address: str, *, label: str) -> Iterator[bytes]:
    """Yield the object at *address* (`s3://bucket/key`, `gs://bucket/key`).

    Raises `SheetError` naming *label* where it cannot be read, and where it was replaced meanwhile; `UsageError` where
    the optional part `remote` is missing.
    """
    try:
        import fsspec  # noqa: PLC0415 - an extra

        store = fsspec.filesystem(address.partition("://")[0], skip_instance_cache=True, use_listings_cache=False)
    except ImportError as error:
        raise UsageError(f"{label}: this part is not installed. Run: {install_command('remote')}") from error
    try:
        before = _facts(store, address)
        with store.open(address, "rb", block_size=_PIECE_BYTES, cache_type="none") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
        is_same = _facts(store, address) == before
    except FileNotFoundError:
        raise SheetError(f"{label}: there is no such object. Check bucket and key.") from None
    except PermissionError:
        raise SheetError(f"{label}: the credentials do not let it be read. Grant them the object.") from None
    except Exception as error:  # noqa: BLE001 - each library has its own, whose words may hold credentials
        raise SheetError(
            f"{label}: cannot be read ({type(error).__name__}). See that the environment holds credentials, and that"
            " the store can be reached."
        ) from None
    if not is_same:
        raise SheetError(f"{label}: was changed while it was being read. Start again.")


def _facts(store: Any, address: str) -> dict[str, Any]:
    """Return what changes when an object is replaced. Raises `FileNotFoundError` for what is a folder of objects."""
    store.invalidate_cache()
    facts: dict[str, Any] = store.info(address)
    if facts["type"] != "file":
        raise FileNotFoundError
    return facts
