"""Every link of the documentation leads somewhere, and every page can be reached."""

import re
from pathlib import Path

import pytest

from docs.generate.pages import ROOT, pages

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[str]:
    """Return the targets of the page's links, but for those in code."""
    text = re.sub(r"\[([^\]]*)`([^`\n]*)`([^\]]*)\]\(", r"[\1\2\3](", page.read_text("utf-8"))
    return LINK.findall(CODE.sub("", text))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def followed(page: Path) -> list[tuple[Path, str]]:
    """Return where the page's links inside the documentation lead: file and anchor."""
    targets = [target.partition("#") for target in links(page) if "://" not in target]
    return [((page.parent / file).resolve() if file else page, anchor) for file, _, anchor in targets]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """The file of each link is there, and so is the heading of its anchor."""
    for file, anchor in followed(page):
        assert file.exists(), f"{file}: there is no such file"
        assert not anchor or anchor in anchors(file), f"{file}: there is no heading #{anchor}"


def test_every_page_can_be_reached_from_the_front_page() -> None:
    """Nothing is written that nobody finds."""
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            todo += [file for file, _ in followed(page)]
    assert {page for page in pages() if page not in reached} <= {ROOT / "docs" / "README.md"}


def test_every_decision_has_a_date_and_a_figure_and_stands_in_the_list() -> None:
    """A decision is dated, says what decided it, and is found by its number."""
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text("utf-8")
    for number, page in enumerate(sorted(folder.glob("0*.md")), start=1):
        text = page.read_text("utf-8")
        (title,) = re.findall(rf"\A# {number}\. (.*)", text)
        (day,) = re.findall(r"^Decided on (\d{4}-\d\d-\d\d)\.$", text, re.MULTILINE)
        assert re.search(r"^\*\*The figure that decided it:\*\* .*\d", text, re.MULTILINE)
        assert f"| [{number:04d}]({page.name}) | {day} | {title} |" in listed
