"""The page in a real browser, from the disk: nothing is complained of or asked for, and a person can work with it."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dialer.campaign.file import Campaign
from dialer.errors import ResultsNotWritten
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.results.report.compose import Scope
from dialer.results.report.content import PeopleTable, Report
from dialer.results.report.page import write_page
from dialer.results.report.write import write_report
from dialer.sandbox import CallLifecycle, End, Faults
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import LaterClock, sandbox_at
from tests.results.report.browser import opened, running_browser
from tests.support import CampaignFolder, number

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)> & \"Ada\""
WIDTHS = (390, 820, 1440)
DAY = 86_400.0
SIDEWAYS = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('#people .scroll'))"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a campaign that has run and was asked about, with rows of every kind and a hostile name."""
    folder = CampaignFolder(tmp_path_factory.mktemp("reported"))
    people = [[f"Person {index}", number(index)] for index in range(40)]
    people[3][0] = HOSTILE
    people += [[f"Short-{index:02d}", "12"] for index in range(30)] + [["", number(50)]]
    people[40][0], people[41][0] = (
        "Donaudampfschifffahrtsgesellschaft" * 150,
        "Ali محمد عبد الرحمن بن عبد العزيز آل سعود",
    )
    folder.sheet(["Name", "Phone"], people)
    campaign = folder.campaign()
    _run_and_sync(campaign)
    path = folder.path / "report.html"
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        step = "2 rows to mend. Next: dialer results x --results mend.xlsx"
        write_report(ledger, campaign, path, Scope(LaterClock(DAY).now_ms(), next_step=step))
    return path


def _run_and_sync(campaign: Campaign) -> None:
    clock = LaterClock(hurried=True)
    life = CallLifecycle(script={number(0): (End.NORMAL,), number(1): (End.VOICEMAIL,)})
    with sandbox_at(clock, life=life, faults=Faults(refuse_name=HOSTILE)) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=clock)
        run_campaign(campaign, runtime=runtime)
        clock.advance(DAY)
        sync_campaign(campaign, runtime=runtime)


@pytest.fixture(scope="module")
def browser(written: Path) -> Iterator[Browser]:
    """Start one browser for all tests of this module, after the runs, which need an event loop of their own."""
    assert written.exists()
    with running_browser() as started:
        yield started


def shown(page: Page, column: int) -> list[str]:
    """Return the cells of a column of the table of people, as they are shown."""
    return page.locator(f"#people-table tbody td:nth-child({column})").all_inner_texts()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_loads_nothing_and_fits(browser: Browser, written: Path, width: int, scheme: str) -> None:
    """Under its own strict policy the page asks for nothing, complains of nothing, and never scrolls sideways."""
    with opened(browser, written, width=width, scheme=scheme) as view:
        assert view.requests == [written.as_uri()]
        assert view.complaints == []
        assert view.page.evaluate("document.documentElement.scrollWidth") == width
        assert view.page.evaluate(SIDEWAYS) == 0  # what is wrong, and what to do, is seen on a telephone too
        assert view.page.title() == "campaign · dialer report"
        background = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
        channels = [int(channel) for channel in re.findall(r"\d+", background)]
        assert (sum(channels) < 200) is (scheme == "dark")


@pytest.mark.slow
def test_the_policy_lets_nothing_else_run(browser: Browser, written: Path) -> None:
    """A script or a style that somebody smuggles in is refused, and so is any request."""
    text = written.read_text("utf-8")
    assert "unsafe" not in re.findall(r'content="(default-src[^"]*)"', text)[0]
    smuggled = written.with_name("smuggled.html")
    smuggled.write_text(
        text.replace("</body>", "<script>document.title='taken'</script><img src='https://example.com/x.png'></body>"),
        "utf-8",
    )
    with opened(browser, smuggled) as view:
        assert view.page.title() == "campaign · dialer report"
        refused = " ".join(view.complaints)
        assert len(view.complaints) == 2
        assert "Executing inline script violates" in refused
        assert "Loading the image 'https://example.com/x.png' violates" in refused


@pytest.mark.slow
def test_foreign_text_is_text(browser: Browser, written: Path) -> None:
    """A name that is markup stands in the table letter by letter, and does nothing; numbers are masked."""
    with opened(browser, written) as view:
        view.page.fill("#search", "onerror")
        expect(view.page.locator("#people-table tbody tr")).to_have_count(1)
        assert shown(view.page, 4) == [HOSTILE]
        assert view.page.locator("img").count() == 0
    assert not re.search(r"\+1\d{10}", written.read_text("utf-8"))


@pytest.mark.slow
def test_a_name_of_any_length_takes_three_lines(browser: Browser, written: Path) -> None:
    """5,000 characters in a cell push nobody else off the screen; whoever points at them reads them all."""
    with opened(browser, written) as view:
        view.page.fill("#search", "Donaudampf")
        expect(view.page.locator("#people-table tbody tr")).to_have_count(1)
        line = view.page.locator("#people-table tbody tr")
        assert line.evaluate("line => line.offsetHeight") < 120
        assert len(line.locator("td:nth-child(4)").get_attribute("title") or "") > 5_000


@pytest.mark.slow
def test_rows_can_be_sorted_by_keyboard(browser: Browser, written: Path) -> None:
    """A header is a button: Enter sorts by it, again turns it round, and a screen reader is told which way."""
    with opened(browser, written) as view:
        head = view.page.locator("th[data-column=name]")
        head.locator("button").focus()
        view.page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        assert shown(view.page, 4)[:2] == ["", HOSTILE]
        view.page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert shown(view.page, 4)[0] == "Short-29"
        view.page.click("th[data-column=row] button")
        assert [int(row) for row in shown(view.page, 1)] == sorted(int(row) for row in shown(view.page, 1))


@pytest.mark.slow
def test_rows_can_be_filtered_and_paged(browser: Browser, written: Path) -> None:
    """Filters go together, say how many rows are left, and survive the page's being loaded anew."""
    with opened(browser, written) as view:
        assert view.page.inner_text("#found") == "32 of 32 rows"
        assert len(shown(view.page, 1)) == 25
        view.page.click("#after")
        assert len(shown(view.page, 1)) == 7
        view.page.select_option("#status", "rejected")
        assert view.page.inner_text("#found") == "31 of 32 rows"
        view.page.select_option("#reason", "phone_invalid")
        view.page.fill("#search", "short-2")
        expect(view.page.locator("#found")).to_have_text("10 of 32 rows")
        view.page.reload()
        assert view.page.inner_text("#found") == "10 of 32 rows"
        assert set(shown(view.page, 2)) == {"rejected"}
        view.page.evaluate("sessionStorage.setItem(location.pathname, JSON.stringify({reason: 'mended since'}))")
        view.page.reload()
        assert view.page.inner_text("#found") == "32 of 32 rows"


@pytest.mark.slow
def test_everything_has_a_name(browser: Browser, written: Path) -> None:
    """What can be reached by keyboard or is drawn has a name to read aloud, and a heading is over each section."""
    with opened(browser, written) as view:
        nameless = view.page.evaluate(
            """() => [...document.querySelectorAll('svg[role=img], section, input, select, button, [tabindex]')]
              .filter((item) => !(item.ariaLabel || item.getAttribute('aria-labelledby') || item.textContent.trim()
                || item.labels?.length)).length"""
        )
        assert nameless == 0
        targets = view.page.evaluate(
            "[...document.querySelectorAll('a')].every((a) => document.querySelector(a.getAttribute('href')))"
        )
        assert targets
        assert view.page.locator("h1").count() == 1


@pytest.mark.slow
def test_the_page_can_be_printed(browser: Browser, written: Path) -> None:
    """Paper shows every row that is found, without the controls, dark on white."""
    with opened(browser, written, scheme="dark") as view:
        view.page.emulate_media(media="print", color_scheme="dark")
        view.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        view.page.set_viewport_size({"width": 720, "height": 1018})  # A4 within its margins
        assert view.page.evaluate("document.documentElement.scrollWidth") == 720
        assert len(shown(view.page, 1)) == 32
        assert not view.page.is_visible(".filters")
        assert view.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.slow
def test_the_page_tells_its_story_without_its_script(browser: Browser, written: Path) -> None:
    """Where no script runs, everything stands there but sorting and filters."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert len(shown(page, 1)) == 32
    assert not page.is_visible(".filters")
    context.close()


def test_a_page_is_private_and_never_half_written(tmp_path: Path) -> None:
    """The file is its owner's alone; where it cannot be written the one before stays, and the error names it."""
    path = tmp_path / "results" / "page.html"
    write_page(path, an_empty_page())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob(".*"))
    folder = tmp_path / "folder.html"
    folder.mkdir()
    with pytest.raises(ResultsNotWritten, match=re.escape(str(folder))):
        write_page(folder, an_empty_page())


def an_empty_page() -> Report:
    """Make a page with nothing on it."""
    nobody = PeopleTable(0, {"row": []}, [])
    return Report(
        title="campaign", subtitle="", written_at="2026-11-23T17:00:00.000Z", next_step="", progress=None, funnel=(),
        statuses=(), reasons=(), zones=(), timeline=None, ends=None, nights=(), people=nobody, runs=(), facts=(),
    )  # fmt: skip
