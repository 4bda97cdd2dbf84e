"""Writes an ODS workbook element by element: what no common program saves can be written, too."""

import zipfile
from pathlib import Path

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "table": "table", "text": "text", "style": "style"}.items()
)


def text(content: str, *, spans: int = 1) -> str:
    """Return a cell with a text, whose elements may be written out, over *spans* columns."""
    span = f' table:number-columns-spanned="{spans}" table:number-rows-spanned="1"' if spans > 1 else ""
    return f'<table:table-cell office:value-type="string"{span}><text:p>{content}</text:p></table:table-cell>'


def number(value: str, shown: str) -> str:
    """Return a cell with a number, and the text that shows it."""
    cell = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {cell}><text:p>{shown}</text:p></table:table-cell>"


def covered(cell: str) -> str:
    """Return the *cell* as one that a merge covers."""
    return cell.replace("table:table-cell", "table:covered-table-cell")


def row(*cells: str) -> str:
    """Return a row."""
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def write_ods(path: Path, *rows: str, styles: str = "", mimetype: bool = True) -> Path:
    """Write a workbook with one worksheet, "People"."""
    with zipfile.ZipFile(path, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f'<office:body><office:spreadsheet><table:table table:name="People" table:style-name="ta1">{"".join(rows)}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path
