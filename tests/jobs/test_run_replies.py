"""Runs against an API whose replies lie: the first lie ends the run, and the API's own list is the judge."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from dialer.calls.outcome import StopCode
from dialer.calls.reconciliation import Finding
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import hurried, run_at
from tests.jobs.virtual import Taking, run_virtually, virtual_runtime
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, read_results

PEOPLE = 20
BATCHES = ANY_HOUR + FAST.replace("concurrency = 4", "concurrency = 4\nbatch_size = 10")


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [Faults(shift_slots_ms=-5 * 3_600_000), Faults(shift_slots_ms=-1), Faults(drop_slots=True)],
    ids=["five hours", "a millisecond", "no time at all"],
)
@pytest.mark.parametrize(("tables", "most"), [(ANY_HOUR + FAST, 1), (BATCHES, 2)], ids=["calls", "batches"])
def test_an_api_that_moves_calls_gets_one_request(
    faults: Faults, tables: str, most: int, folder: CampaignFolder
) -> None:
    """A call that rings at another time than asked ends the run before the second request; its row is not created."""
    folder.people(PEOPLE)
    with Sandbox(faults=faults) as sandbox:
        summary = run_at(sandbox, folder.campaign(tables))
        created = sandbox.created

    rows = read_results(summary.results or Path())
    assert summary.stop is not None
    assert (summary.exit_code, summary.stop.code) == (5, StopCode.REPLY_DIFFERS)
    assert len(created) == most
    assert created[0]["_id"] in summary.stop.message
    assert Counter(column(rows, "dialer_reason")) == {"reply_differs": most, "stopped": PEOPLE - most}


class Repeating:
    """An API in the same process that creates every call, and tells one id for all from call *first* (from 0) on."""

    def __init__(self, first: int) -> None:
        self.created: list[dict[str, str]] = []
        self.is_honest = False
        self._first = first

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, a second later."""
        if request.method == "GET":
            return httpx.Response(200, json={"data": self.created}) if request.url.params else httpx.Response(404)
        body = json.loads(request.content)
        told = [self._create(call) for call in body.get("phoneCalls", [body])]
        await asyncio.sleep(1)
        return httpx.Response(200, json={"data": told if "phoneCalls" in body else told[0]})

    def _create(self, call: dict[str, str]) -> dict[str, str]:
        index = len(self.created)
        self.created.append(call | {"_id": f"call-{index}"})
        return self.created[index] | ({} if self.is_honest else {"_id": f"call-{min(index, self._first)}"})


@pytest.mark.slow
@pytest.mark.parametrize(("tables", "first"), [(ANY_HOUR + FAST, 0), (BATCHES, 2)], ids=["calls", "batches"])
def test_an_id_that_comes_twice_ends_the_run(tables: str, first: int, folder: CampaignFolder, location: str) -> None:
    """Nobody knows whose the id is: whoever got it is unknown, the first as well, until the listing tells."""
    people = 3 * PEOPLE
    folder.people(people)
    campaign, world, api = folder.campaign(tables), World(1), Repeating(first)
    options = RunOptions(ledger=location)
    summary = run_virtually(campaign, world, api.serve, options=options)
    rows, made = read_results(summary.results or Path()), len(api.created)
    world.advance(timedelta(minutes=10))
    api.is_honest = True
    runtime = virtual_runtime(campaign, world, api.serve)
    found = reconcile_campaign(campaign, options=ReconcileOptions(ledger=location), runtime=runtime)
    last = run_virtually(campaign, world, api.serve, options=options)

    assert summary.stop is not None
    assert (summary.exit_code, summary.stop.code) == (5, StopCode.ID_REPEATED)
    assert "every call of this run that was answered with it counts as unknown" in summary.stop.message
    told = {"": first, "id_repeated": made - first, "stopped": people - made}
    assert Counter(column(rows, "dialer_reason")) == Counter(told)
    assert (summary.counts[Status.CREATED], summary.counts[Status.UNKNOWN]) == (first, made - first)
    assert first + 2 <= made < people  # the first holder, the second, and what was under way then
    assert (found.exit_code, found.findings) == (0, {Finding.CREATED: made - first})
    assert last.exit_code == 0
    ids = {call["toPhoneNumber"]: call["_id"] for call in api.created}
    assert {row["dialer_phone"]: row["dialer_call_id"] for row in read_results(last.results or Path())} == ids
    assert len(ids) == len(api.created)


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["none", "400"])
def test_an_id_told_of_another_call_is_put_right_by_the_listing(answer: str, folder: CampaignFolder) -> None:
    """A reply had the next call's id, whose own reply was lost, or a refusal: each finds its own, nobody goes again."""
    folder.people(2)
    campaign = folder.campaign(ANY_HOUR + FAST + 'settle_time = "0s"\n')
    calls: list[dict[str, str]] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"data": calls}) if request.url.params else httpx.Response(404)
        calls.append(json.loads(request.content) | {"_id": f"call-{len(calls)}"})
        if len(calls) == 2 and answer == "none":
            raise httpx.ReadError("simulated")
        if len(calls) == 2:
            return httpx.Response(400, json={})
        return httpx.Response(200, json={"data": {"_id": "call-1"}})

    world = World(1)
    first = run_virtually(campaign, world, serve)
    summaries = [reconcile_campaign(campaign, runtime=virtual_runtime(campaign, world, serve)) for _ in range(2)]
    last = run_virtually(campaign, world, serve)

    assert (first.counts[Status.CREATED], first.exit_code) == (1, 4 if answer == "none" else 3)
    assert [summary.exit_code for summary in summaries] == [4, 0]
    assert [summary.findings[Finding.STILL_UNKNOWN] for summary in summaries] == [1, 0]
    assert [summary.findings[Finding.CREATED] + summary.refuted for summary in summaries] == [1, 1]
    assert len(calls) == 2
    rows = read_results(last.results or Path())
    assert {row["dialer_phone"]: row["dialer_call_id"] for row in rows} == {
        call["toPhoneNumber"]: call["_id"] for call in calls
    }


@pytest.mark.slow
def test_an_id_of_an_earlier_run_ends_the_run(folder: CampaignFolder, tmp_path: Path) -> None:
    """A proxy that repeats yesterday's reply is found out by the ledger."""
    journal = tmp_path / "calls.jsonl"
    folder.people(1)
    with Sandbox(journal=journal) as sandbox:
        run_at(sandbox, folder.campaign())
        known = sandbox.created[0]["_id"]
    folder.people(PEOPLE)

    world = World(1)

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        return httpx.Response(200, json={"data": {"_id": known}})

    summary = run_virtually(folder.campaign(), world, serve)

    rows = Counter(column(read_results(summary.results or Path()), "dialer_reason"))
    assert summary.stop is not None
    assert summary.stop.code == StopCode.ID_REPEATED
    assert rows == {"already_created": 1, "id_repeated": 1, "stopped": PEOPLE - 2}


@pytest.mark.slow
def test_a_reply_of_the_id_alone_is_believed(folder: CampaignFolder) -> None:
    """Nothing but the id must be told, and an API that lets nobody read calls back contradicts nothing."""
    folder.people(PEOPLE)
    api = Taking()

    assert run_virtually(folder.campaign(), World(1), api.serve).exit_code == 0
    assert len(api.created) == PEOPLE


@pytest.mark.parametrize("fault", ["moved", "left out"])
def test_a_call_that_is_read_back_otherwise_ends_the_run(fault: str, folder: CampaignFolder) -> None:
    """What the reply repeats may not be what is kept: the first call is read back before the second is sent."""
    folder.people(PEOPLE)
    posts: list[dict[str, str]] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(json.loads(request.content) | {"_id": f"call-{len(posts)}"})
            return httpx.Response(200, json={"data": posts[-1]})
        if request.url.params:
            return httpx.Response(200, json={"data": posts})
        if not request.url.path.endswith("/call-0"):
            return httpx.Response(404)
        kept = posts[0] | {"callDelayedUntil": "2026-11-24T04:00:00.000Z"}
        if fault == "left out":
            del kept["callDelayedUntil"]
        return httpx.Response(200, json={"data": kept})

    summary = run_virtually(folder.campaign(), World(1), serve)

    assert summary.stop is not None
    assert (summary.stop.code, len(posts)) == (StopCode.REPLY_DIFFERS, 1)


@pytest.mark.slow
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
@pytest.mark.parametrize("tables", [ANY_HOUR + FAST, BATCHES], ids=["calls", "batches"])
def test_a_redirect_after_creating_is_unknown(status: int, tables: str, folder: CampaignFolder, tmp_path: Path) -> None:
    """Whoever redirects may have created the call: its row is never sent again, and the listing finds it."""
    folder.people(PEOPLE)
    journal = tmp_path / "calls.jsonl"
    campaign = folder.campaign(tables + 'settle_time = "0s"\n')
    with Sandbox(journal=journal, faults=Faults(error_after=1.0, error_status=status)) as sandbox:
        first = run_at(sandbox, campaign)
        assert first.stop is not None
        assert (first.stop.code, first.counts[Status.CREATED]) == (StopCode.WRONG_ADDRESS, 0)
    with Sandbox(journal=journal) as sandbox:
        reconcile_campaign(campaign, runtime=hurried(sandbox))
        assert run_at(sandbox, campaign).exit_code == 0
        calls = Counter(call["toPhoneNumber"] for call in sandbox.created)

    assert set(calls.values()) == {1}
    assert len(calls) == PEOPLE
