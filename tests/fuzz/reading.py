"""What has to hold of any file: it is read or refused with a message, and nothing else comes out of the readers."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from dialer.campaign.file import parse_campaign
from dialer.contacts.contact import Contact
from dialer.contacts.loader import load_contacts
from dialer.errors import SheetError
from tests.fuzz.alter import altered
from tests.sheets.xlsb import Formatted, HiddenRow, write_xlsb
from tests.support import NOON_MS

FILES = Path(__file__).parents[1] / "sheets" / "files"
SUFFIXES = (".xlsx", ".ods", ".csv", ".xlsb", ".xls")


def read_or_refused(path: Path) -> bool:
    """Read every row of the sheet *path*, and return whether it was read. Raises what no reader may raise."""
    content = {"contacts": {"file": path.name, "region": "US", "variables": {"*": "*"}}}
    try:
        rows = list(load_contacts(parse_campaign(content, path.parent / "spring.toml"), now_ms=NOON_MS).rows())
    except SheetError as refusal:
        assert str(path) in str(refusal)  # noqa: PT017 - either outcome is right, and the message has to name the file
        return False
    numbers = [judged.row.number for judged in rows]
    assert numbers == sorted(set(numbers))
    keys = [judged.verdict.key for judged in rows if isinstance(judged.verdict, Contact)]
    assert len(set(keys)) == len(keys)
    assert not any("\0" in cell for judged in rows for cell in judged.row.cells)
    "".join(cell for judged in rows for cell in judged.row.cells).encode()  # half a letter cannot be sent
    return True


def good_files(folder: Path, suffix: str) -> list[bytes]:
    """Return files of one kind as programs leave them."""
    if suffix == ".xlsb":
        people = [("Name", "Phone"), ("Ada", Formatted(14155550100.0, '"+"0')), HiddenRow(("Bob", "+14155550101"))]
        return [write_xlsb(folder / "good.xlsb", {"People": people, "Notes": [("x",)]}).read_bytes()]
    return [each.read_bytes() for each in sorted(FILES.glob(f"*{suffix}")) if not each.name.startswith("fuzz-")]


def inputs(folder: Path, suffix: str, seeds: range) -> Iterator[tuple[int, Path]]:
    """Write an altered file for each seed into *folder*, one after another, and yield the seed and its path."""
    good = good_files(folder, suffix)
    for seed in seeds:
        random = Random(seed)
        path = folder / f"seed-{seed}{suffix}"
        path.write_bytes(altered(random.choice(good), suffix, random))
        yield seed, path
        path.unlink()
