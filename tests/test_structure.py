"""The package is laid out as it says: every module has its tests, no folder, module or function is too long to read."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dialer"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
TESTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py"))

MOST_MODULES, MOST_LINES, MOST_LINES_OF_A_FUNCTION = 18, 250, 40
"""Of a folder, a module and a function."""

COMMAND = "one command: its promises are about a process, its streams and exit codes"
STAGE = "a stage that only a whole job makes sense of"
FORMAT = "one of four formats, of which each promise holds for all"
STEP = "a step of a migration, on real ledgers of each earlier version"
VALUES = "values alone, which decide nothing"

TESTED_ELSEWHERE = {
    "dialer/__main__.py": ("starts the command line, and nothing else", "tests/cli/test_main.py"),
    "dialer/api/wire.py": ("the bytes of a connection", "tests/api/test_connection.py"),
    "dialer/calls/pause.py": (VALUES, "tests/ledger/live/test_pauses.py"),
    "dialer/campaign/schedule_table.py": ("a table of a campaign file", "tests/campaign/test_file.py"),
    "dialer/campaign/toml_file.py": ("how a campaign file is read", "tests/campaign/test_file.py"),
    "dialer/campaign/tables.py": ("the tables of a campaign file, read as a whole", "tests/campaign/test_file.py"),
    "dialer/cli/control.py": ("what `pause`, `resume` and `stop` share", "tests/cli/test_pause.py"),
    "dialer/cli/create_calls.py": ("what `run` and `retry` share", "tests/cli/test_main.py"),
    "dialer/cli/doctor.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/enqueue.py": ("what `run` and `nightly` share", "tests/cli/test_worker.py"),
    "dialer/cli/jobs.py": (COMMAND, "tests/cli/test_worker.py"),
    "dialer/cli/migrate.py": (COMMAND, "tests/cli/test_worker.py"),
    "dialer/cli/ports.py": ("where a command listens", "tests/cli/test_webhooks.py"),
    "dialer/cli/init.py": (COMMAND, "tests/cli/test_check.py"),
    "dialer/cli/json_output.py": ("prints one object", "tests/cli/test_pause.py"),
    "dialer/cli/options.py": ("the options that commands share", "tests/cli/test_main.py"),
    "dialer/cli/progress.py": ("draws on a terminal", "tests/cli/test_terminal.py"),
    "dialer/cli/question.py": ("what a person reads before a run", "tests/cli/test_terminal.py"),
    "dialer/ledger/live/nights.py": ("which nights are done and told", "tests/nightly/test_killed.py"),
    "dialer/nightly/recalled.py": ("tells what a killed start did", "tests/nightly/test_killed.py"),
    "dialer/cli/reconcile.py": (COMMAND, "tests/cli/test_full_disk.py"),
    "dialer/cli/report.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/results.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/resume.py": (COMMAND, "tests/cli/test_pause.py"),
    "dialer/cli/retry.py": ("hands its options to the job, and prints as `run` does", "tests/jobs/test_retry.py"),
    "dialer/cli/run.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/run_state.py": ("what the screen shows", "tests/cli/test_run_screen.py"),
    "dialer/cli/schema.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/sandbox.py": (COMMAND, "tests/cli/test_main.py"),
    "dialer/cli/status.py": (COMMAND, "tests/cli/test_nightly.py"),
    "dialer/cli/stop.py": (COMMAND, "tests/cli/test_pause.py"),
    "dialer/cli/suppression_input.py": ("what `dialer suppress` is given", "tests/cli/test_suppress.py"),
    "dialer/cli/test_call.py": (COMMAND, "tests/cli/test_terminal.py"),
    "dialer/cli/target.py": ("the API or the stand-in, as a command chooses", "tests/cli/test_main.py"),
    "dialer/contacts/columns/column_questions.py": (
        "questions of the columns",
        "tests/contacts/test_resolve_columns.py",
    ),
    "dialer/contacts/contact.py": (VALUES, "tests/contacts/test_judge_row.py"),
    "dialer/contacts/opt_out_cells.py": ("what `check` finds", "tests/jobs/test_check.py"),
    "dialer/contacts/phones/cell_text.py": (
        "marks and digits of a phone cell",
        "tests/contacts/phones/test_phone_cell.py",
    ),
    "dialer/contacts/phones/number_kinds.py": ("a table of the library's", "tests/contacts/phones/test_fast_parser.py"),
    "dialer/contacts/registry_lists.py": ("a form of suppression file", "tests/contacts/test_suppression_files.py"),
    "dialer/contacts/row_phone.py": ("the phone columns of a row", "tests/contacts/test_judge_row.py"),
    "dialer/contacts/unreliable_cells.py": (
        "marked cells, of real workbooks of each format",
        "tests/sheets/workbooks/metadata/test_formats.py",
    ),
    "dialer/contacts/columns/variable_columns.py": (
        "a part of resolving columns",
        "tests/contacts/test_resolve_columns.py",
    ),
    "dialer/fleet/enqueue.py": ("what is asked for", "tests/cli/test_worker.py"),
    "dialer/fleet/housekeeping.py": ("what workers look after", "tests/fleet/test_worker.py"),
    "dialer/fleet/listing.py": ("how jobs stand", "tests/fleet/test_worker.py"),
    "dialer/ledger/fleet/key_leases.py": (
        "the leases among a bucket's permits",
        "tests/ledger/fleet/test_key_bucket.py",
    ),
    "dialer/ledger/fleet/queue_tables.py": ("the tables of the queue", "tests/fleet/test_queue.py"),
    "dialer/jobs/drafting/campaign_text.py": ("the text that `init` writes", "tests/jobs/test_init.py"),
    "dialer/jobs/drafting/drafted.py": (VALUES, "tests/jobs/test_init.py"),
    "dialer/jobs/drafting/questions.py": ("what `init` asks", "tests/jobs/test_init.py"),
    "dialer/jobs/intake/kept_cells.py": (STAGE, "tests/jobs/intake/test_mended_rows.py"),
    "dialer/jobs/intake/mended_before.py": (STAGE, "tests/jobs/test_retry.py"),
    "dialer/jobs/intake/read_rows.py": ("a row as the ledger takes it in", "tests/jobs/intake/test_placing.py"),
    "dialer/jobs/intake/parallel_check.py": ("several processes judge as one does", "tests/jobs/test_check.py"),
    "dialer/jobs/intake/phone_findings.py": ("what `check` finds", "tests/jobs/test_check.py"),
    "dialer/jobs/intake/place_findings.py": ("what `check` finds", "tests/jobs/test_check.py"),
    "dialer/jobs/planning/commit.py": (STAGE, "tests/jobs/planning/test_layout.py"),
    "dialer/jobs/planning/explanation.py": (STAGE, "tests/jobs/test_plan.py"),
    "dialer/jobs/planning/misfits.py": (STAGE, "tests/jobs/test_plan.py"),
    "dialer/jobs/planning/plan_file.py": (STAGE, "tests/jobs/test_plan.py"),
    "dialer/jobs/planning/summary.py": (VALUES, "tests/jobs/test_plan.py"),
    "dialer/jobs/planning/timetable.py": (STAGE, "tests/jobs/planning/test_layout.py"),
    "dialer/jobs/readiness/api_check.py": ("what one GET tells", "tests/jobs/test_doctor.py"),
    "dialer/jobs/readiness/finding.py": (VALUES, "tests/jobs/test_doctor.py"),
    "dialer/jobs/record_dispositions.py": (STAGE, "tests/jobs/test_sync.py"),
    "dialer/jobs/readiness/lost_test_calls.py": (STAGE, "tests/jobs/test_call_oneself.py"),
    "dialer/jobs/sending/agreement.py": (STAGE, "tests/cli/test_terminal.py"),
    "dialer/jobs/sending/counted_claims.py": (STAGE, "tests/jobs/test_safeguards.py"),
    "dialer/jobs/sending/execution.py": (STAGE, "tests/jobs/test_run.py"),
    "dialer/jobs/sending/options.py": (VALUES, "tests/jobs/test_run.py"),
    "dialer/jobs/sending/requests.py": (STAGE, "tests/jobs/sending/test_control.py"),
    "dialer/jobs/sending/outputs.py": (STAGE, "tests/results/report/test_write.py"),
    "dialer/jobs/sending/send.py": (STAGE, "tests/jobs/test_run.py"),
    "dialer/jobs/sending/stops.py": (STAGE, "tests/jobs/sending/test_control.py"),
    "dialer/jobs/sending/summary.py": (VALUES, "tests/jobs/test_run.py"),
    "dialer/ledger/call_reports.py": ("what a report reads", "tests/results/report/test_write.py"),
    "dialer/ledger/campaign_places.py": ("where campaigns lie", "tests/jobs/test_safeguards.py"),
    "dialer/ledger/campaign_standing.py": ("what `status` reads", "tests/jobs/test_status.py"),
    "dialer/ledger/database/choice_tables.py": ("tables alone", "tests/ledger/choices/test_own_choices.py"),
    "dialer/ledger/live/breaker.py": ("whole campaigns that stop themselves", "tests/jobs/test_stopping.py"),
    "dialer/ledger/live/ended_calls.py": ("whole campaigns that stop themselves", "tests/jobs/test_stopping.py"),
    "dialer/ledger/database/control_tables.py": ("tables alone", "tests/ledger/live/test_pauses.py"),
    "dialer/ledger/earlier_rows/kept_plan.py": (STAGE, "tests/jobs/planning/test_make_plan.py"),
    "dialer/ledger/database/tables/intakes.py": ("tables alone", "tests/ledger/earlier_rows/test_repeated_intake.py"),
    "dialer/ledger/database/migrations/rebuilt_table.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_2.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_3.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_4.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_5.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_6.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_7.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_8.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/database/migrations/version_9.py": (STEP, "tests/ledger/database/test_migrations.py"),
    "dialer/ledger/live/live_runs.py": (STAGE, "tests/jobs/sending/test_control.py"),
    "dialer/ledger/mends.py": (STAGE, "tests/jobs/intake/test_mended_rows.py"),
    "dialer/ledger/earlier_calls.py": (
        "what the first look at a listing leaves",
        "tests/jobs/intake/test_earlier_calls.py",
    ),
    "dialer/nightly/campaign_night.py": ("one night of a folder's nights", "tests/nightly/test_folder.py"),
    "dialer/results/report/compose.py": ("the page of real runs", "tests/results/report/test_write.py"),
    "dialer/results/report/content.py": (VALUES, "tests/results/report/test_page.py"),
    "dialer/results/report/people.py": ("whom the page names", "tests/results/report/test_write.py"),
    "dialer/results/report/runs.py": ("what the page tells of runs", "tests/results/report/test_write.py"),
    "dialer/results/summary_sheet.py": ("a worksheet of the workbook", "tests/results/test_workbook.py"),
    "dialer/sandbox/loopback.py": ("where a sandbox listens", "tests/sandbox/test_server.py"),
    "dialer/sandbox/replies.py": ("how each endpoint answers", "tests/sandbox/test_app.py"),
    "dialer/schedule/places/gazetteer.py": ("the names of places", "tests/schedule/places/test_place_cells.py"),
    "dialer/sheets/encoding_guess.py": ("how the letters of a text file are read", "tests/sheets/test_encodings.py"),
    "dialer/sheets/list_worksheets.py": ("which worksheets look like lists", "tests/jobs/test_init.py"),
    "dialer/sheets/record.py": (VALUES, "tests/sheets/test_files.py"),
    "dialer/sheets/stamp.py": ("a file that changes while it is read", "tests/sheets/test_sheet.py"),
    "dialer/sheets/workbooks/built_in_formats.py": (
        "a table of the format's",
        "tests/sheets/workbooks/test_number_formats.py",
    ),
    "dialer/sheets/workbooks/calamine_workbook.py": (
        "one of three readers",
        "tests/sheets/workbooks/test_worksheet.py",
    ),
    "dialer/sheets/workbooks/format_sections.py": (
        "how a number format is cut",
        "tests/sheets/workbooks/test_number_formats.py",
    ),
    "dialer/sheets/workbooks/metadata/model.py": (
        "what the four formats have in common",
        "tests/sheets/workbooks/metadata/test_formats.py",
    ),
    "dialer/sheets/workbooks/metadata/ods.py": (FORMAT, "tests/sheets/workbooks/metadata/test_formats.py"),
    "dialer/sheets/workbooks/metadata/xls.py": (FORMAT, "tests/sheets/workbooks/metadata/test_formats.py"),
    "dialer/sheets/workbooks/metadata/xlsb.py": (FORMAT, "tests/sheets/workbooks/metadata/test_formats.py"),
    "dialer/sheets/workbooks/metadata/xlsx.py": (FORMAT, "tests/sheets/workbooks/metadata/test_formats.py"),
    "dialer/schedule/lanes.py": ("what a queue holds", "tests/schedule/test_ready_queue.py"),
    "dialer/sheets/workbooks/ods_rows.py": ("one of three readers", "tests/sheets/workbooks/test_worksheet.py"),
    "dialer/sheets/workbooks/openpyxl_workbook.py": (
        "one of three readers",
        "tests/sheets/workbooks/test_worksheet.py",
    ),
    "dialer/sheets/workbooks/pandas_rows.py": ("one call of pandas", "tests/sheets/test_files.py"),
    "dialer/sheets/workbooks/workbook.py": (
        "what the readers have in common",
        "tests/sheets/workbooks/test_worksheet.py",
    ),
    "dialer/sheets/workbooks/xlsb_records.py": (FORMAT, "tests/sheets/workbooks/test_cell_count.py"),
    "dialer/submit/settling.py": ("what a worker begins and does not wait for", "tests/submit/test_submitter.py"),
}
"""Modules without a test of their own, why, and where what they promise is tested."""


@cache
def tree_of(module: str) -> ast.Module:
    """Read a file of this checkout."""
    return ast.parse((ROOT / module).read_text("utf-8"))


def functions(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """List the functions and methods of a file."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def mirrored(module: str) -> str:
    """Name the test of a module: `dialer/a/b.py` is tested by `tests/a/test_b.py`."""
    path = Path(module)
    return Path("tests", *path.parts[1:-1], f"test_{path.name}").as_posix()


def test_every_module_has_its_tests() -> None:
    """Tests are found where the module is, or at the place that is written above with its reason; no entry is stale."""
    without = {module for module in MODULES if mirrored(module) not in TESTS}
    assert without == set(TESTED_ELSEWHERE)
    assert {place for _, place in TESTED_ELSEWHERE.values()} <= set(TESTS)


def test_no_folder_is_too_full() -> None:
    """A folder can be taken in at a glance; `cli` alone has one module for each command."""
    sizes = Counter(Path(module).parent.as_posix() for module in MODULES)
    assert not {folder for folder, size in sizes.items() if size > MOST_MODULES} - {"dialer/cli"}


@pytest.mark.slow
def test_a_module_can_be_read_in_one_go() -> None:
    """No module has over 250 lines, and no function over 40."""
    lines = {module: len((ROOT / module).read_text("utf-8").splitlines()) for module in MODULES}
    assert not {module: count for module, count in lines.items() if count > MOST_LINES}
    long = {
        (module, node.name)
        for module in MODULES
        for node in functions(module)
        if (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION
    }
    assert not long


@pytest.mark.slow
def test_only_the_ledger_touches_its_engine() -> None:
    """Everybody else reads and writes in a transaction that the ledger opens."""
    outside = [module for module in MODULES if not module.startswith("dialer/ledger/")]
    touching = {
        module
        for module in outside
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute) and node.attr == "engine"
    }
    assert not touching


@pytest.mark.slow
def test_every_test_says_what_it_promises() -> None:
    """The docstrings of the tests are the list of what the program promises."""
    silent = {
        (test, node.name)
        for test in TESTS
        for node in functions(test)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    }
    assert not silent


@pytest.mark.slow
def test_docstrings_say_what_is_returned() -> None:
    """A docstring tells a reader what comes back, and orders nobody to give or tell it."""
    everything = [path.relative_to(ROOT).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    ordering = {
        (module, getattr(node, "name", ""))
        for module in everything
        for node in ast.walk(tree_of(module))
        if isinstance(node, documented) and (ast.get_docstring(node) or "").startswith(("Give", "Tell"))
    }
    assert not ordering
