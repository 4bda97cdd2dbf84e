"""Finds the parts of an XLSX workbook: a worksheet's, and the number formats of its cells. Strict workbooks have
namespaces of their own, so that names of elements count without them.
"""

import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar
from xml.etree import ElementTree as ET

from dialer.sheets.workbooks.built_in_formats import BUILT_IN
from dialer.sheets.workbooks.format_sections import GENERAL

PIECE_BYTES = 1 << 20
TRUE = frozenset({"1", "true"})
_BOOK = "xl/workbook.xml"
"""Where some readers look for the workbook, whatever its relation says."""

_Item = TypeVar("_Item")


class WorksheetPart(NamedTuple):
    """Where a worksheet lies, where its styles do (if it has any), and whether its formulas are to be calculated when
    it is opened: none was before.
    """

    name: str
    styles: str | None
    is_uncalculated: bool


def worksheet_part(archive: zipfile.ZipFile, name: str) -> WorksheetPart:
    """Find the part of the worksheet *name* by its relation. Raises `KeyError`, `ValueError` or `ParseError`.

    Names of parts are the same whatever their case, and some programs write them with backslashes.
    """
    parts = {part.replace("\\", "/").lower(): part for part in archive.namelist()}
    package = _related(archive, parts["_rels/.rels"], "")
    book = _only(target for kind, target in package.values() if kind.endswith("/officeDocument"))
    if book.lower() != _BOOK and _BOOK in parts:
        raise ValueError("two workbooks in one")
    folder, file = posixpath.split(book)
    relations = _related(archive, parts[posixpath.join(folder, "_rels", f"{file}.rels").lower()], folder)
    root = ET.fromstring(archive.read(parts[book.lower()]))  # noqa: S314 - XML with entities was refused
    calculation = next((each for each in root.iter() if local(each.tag) == "calcPr"), None)
    is_uncalculated = calculation is not None and calculation.get("fullCalcOnLoad") in TRUE
    sheets = _only(each for each in root.iter() if local(each.tag) == "sheets")
    if any(local(each.tag) != "sheet" for each in sheets):
        raise ValueError("a list of worksheets with alternatives")
    sheet = _only(each for each in sheets if each.get("name") == name)
    relation = _first(value for key, value in sheet.items() if key.startswith("{") and local(key) == "id")
    styles, texts = (
        next((target.lower() for kind, target in relations.values() if kind.endswith(f"/{each}")), "")
        for each in ("styles", "sharedStrings")
    )
    if styles not in {"", f"{folder}/styles.xml".lstrip("/").lower()}:
        raise ValueError("readers of dates look for the styles elsewhere")
    usual = f"{folder}/sharedstrings.xml".lstrip("/").lower()
    if texts != usual and usual in parts and texts:
        raise ValueError("two parts of shared texts")
    worksheet = relations[relation][1].lower()
    for part, root_name in ((worksheet, "worksheet"), (texts, "sst")):
        if part in parts and _root_of(archive, parts[part]) != root_name:
            raise ValueError("two kinds of part: by its relation, and by its root")
    return WorksheetPart(parts[worksheet], parts.get(styles), is_uncalculated)


def number_formats_of(archive: zipfile.ZipFile, styles: str | None) -> list[str | None]:
    """List the number format of each cell style by its index; `None` for one that depends on the country.

    A workbook without the part *styles* has none, and shows each number as it is. Raises `ValueError`, `ParseError`.
    """
    if styles is None:
        return []
    root = ET.fromstring(archive.read(styles))  # noqa: S314 - XML with entities was refused
    own = {
        int(each.get("numFmtId", "")): each.get("formatCode", GENERAL)
        for each in root.iter()
        if local(each.tag) == "numFmt"
    }
    codes = BUILT_IN | own
    xfs = (each for table in root if local(table.tag) == "cellXfs" for each in table)
    return [codes.get(int(xf.get("numFmtId", "0"))) for xf in xfs]


def local(name: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]


def _related(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return the relations of a part by their ids: (type, the part related to)."""
    root = ET.fromstring(archive.read(part))  # noqa: S314 - as above
    if len({each.get("Id") for each in root}) < len(root):
        raise ValueError("two relations of one name")
    return {
        each.get("Id", ""): (
            each.get("Type", ""),
            posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/"),
        )
        for each in root
    }


def _root_of(archive: zipfile.ZipFile, part: str) -> str:
    """Return the name of a part's first element."""
    with archive.open(part) as content:
        _, element = next(iter(ET.iterparse(content, events=("start",))))  # noqa: S314 - as above
        return local(element.tag)


def _first(items: Iterator[_Item]) -> _Item:
    """Return the first item. Raises `KeyError` where there is none."""
    for item in items:
        return item
    raise KeyError("a part of the workbook")


def _only(items: Iterable[_Item]) -> _Item:
    """Return the item. Raises `KeyError` where there is none, `ValueError` where there are two."""
    found = list(items)
    if len(found) > 1:
        raise ValueError("two parts of the workbook in one place")
    return _first(iter(found))
