"""What a page says by the program's own words and output is what the program says today."""

from pathlib import Path

import pytest

from docs.generate.blocks import BLOCK, fill_blocks
from docs.generate.pages import ROOT, pages
from docs.generate.sessions import replay

ANEW = "run: python -m docs.generate"


def named(page: Path) -> str:
    """Return the page's path as a test's id."""
    return str(page.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise looks whether it is there
@pytest.mark.parametrize("page", [page for page in pages() if BLOCK.search(page.read_text("utf-8"))], ids=named)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    """Tables, help texts and payloads on a page are those of the code."""
    text = page.read_text("utf-8")
    assert fill_blocks(text) == text, ANEW


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in pages() if "```console" in page.read_text("utf-8")], ids=named)
def test_the_output_shown_is_real(page: Path) -> None:
    """Each command of a page, run in their order in a fresh folder, prints what the page shows below it."""
    text = page.read_text("utf-8")
    assert replay(text) == text, ANEW


def test_the_pages_with_real_output_are_there() -> None:
    """The tour, the tutorial and the JSON are shown by commands that are run."""
    shown = {named(page) for page in pages() if "```console\n$ dialer" in page.read_text("utf-8")}
    assert {"README.md", "docs/tutorial/first-campaign.md", "docs/reference/json.md"} <= shown
