"""Promises about the list of created calls and about its journal."""

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sandbox.calls import Calls
from tests.sandbox.client import call, full_call


class Ticking:
    """A clock that is set by hand, in milliseconds."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        """Return the time."""
        return self.at_ms


def test_a_created_call_repeats_the_request_and_adds_to_it() -> None:
    """The stored body is the request with its id, status and times of creation."""
    (stored,) = Calls(now_ms=Ticking(1_697_101_680_387)).add([full_call()])

    assert json.loads(stored.body) == full_call() | {
        "_id": stored.call_id,
        "createdAt": "2023-10-12T09:08:00.387Z",
        "updatedAt": "2023-10-12T09:08:00.387Z",
    }


def test_a_call_without_status_is_queued() -> None:
    """A new call is queued unless the request says otherwise."""
    queued, sent = Calls().add([call(), call(status="ringing")])

    assert json.loads(queued.body)["status"] == "queued"
    assert json.loads(sent.body)["status"] == "ringing"


def test_a_request_cannot_choose_its_id() -> None:
    """A field named like one of the API's own is overwritten."""
    (stored,) = Calls().add([call(_id="mine", createdAt="never")])

    assert json.loads(stored.body)["_id"] == stored.call_id != "mine"


@pytest.mark.slow
def test_ids_are_unique_and_24_hexadecimal_digits() -> None:
    """No two calls share an id."""
    ids = [stored.call_id for stored in Calls().add([call()] * 5_000)]

    assert len(set(ids)) == 5_000
    assert all(len(bytes.fromhex(call_id)) == 12 for call_id in ids)


def test_a_call_is_found_by_its_id() -> None:
    """An id leads to its call, an unknown one to nothing."""
    calls = Calls()
    stored, _other = calls.add([call(), call()])

    assert calls.find(stored.call_id) is stored
    assert calls.find("000000000000000000000000") is None


def test_the_listing_can_be_narrowed() -> None:
    """Template, age and number of calls each cut the listing; it stays oldest first."""
    clock = Ticking(1_000)
    calls = Calls(now_ms=clock)
    first, second = calls.add([call(callTemplateId="a"), call(callTemplateId="b")])
    clock.at_ms = 2_000
    (third,) = calls.add([call(callTemplateId="a")])

    assert calls.listed() == [first, second, third]
    assert calls.listed(call_template_id="a") == [first, third]
    assert calls.listed(until_ms=1_999) == [first, second]
    assert calls.listed(until_ms=2_000) == [first, second, third]
    assert calls.listed(most=2) == [second, third]
    assert calls.listed(call_template_id="a", most=1) == [third]
    assert calls.listed(most=0) == []


@given(name=st.text(min_size=1).filter(str.strip), number=st.sampled_from(["+12125550123", "+442079460000"]))
@settings(deadline=None, max_examples=40)
def test_a_journal_brings_every_call_back(tmp_path_factory: pytest.TempPathFactory, name: str, number: str) -> None:
    """What was created is listed after a restart, byte for byte, whatever characters it holds."""
    journal = tmp_path_factory.mktemp("journal") / "calls.jsonl"
    calls = Calls(journal)
    calls.open()
    created = calls.add([call(nameOfHuman=name, toPhoneNumber=number), full_call()])
    calls.close()

    reopened = Calls(journal)
    reopened.open()
    reopened.close()

    assert reopened.listed() == created
    assert reopened.find(created[0].call_id) == created[0]


def test_a_call_is_in_the_journal_when_add_returns(tmp_path: Path) -> None:
    """Another process sees the line at once: nothing waits in a buffer of ours."""
    journal = tmp_path / "calls.jsonl"
    calls = Calls(journal)
    calls.open()
    created = calls.add([call(), call()])

    assert journal.read_bytes().splitlines() == [stored.body for stored in created]

    calls.close()


def test_only_the_owner_may_read_the_journal(tmp_path: Path) -> None:
    """The file has mode 0600, also when it was there before with other rights."""
    journal = tmp_path / "calls.jsonl"
    journal.touch()
    journal.chmod(0o644)
    for _start in ("with an older file", "with its own file"):
        calls = Calls(journal)
        calls.open()
        calls.close()
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_a_line_cut_by_a_kill_is_dropped(tmp_path: Path) -> None:
    """A last line without its end was never answered: it is no call, and later lines do not stick to it."""
    journal = tmp_path / "calls.jsonl"
    calls = Calls(journal)
    calls.open()
    (whole,) = calls.add([call()])
    calls.close()
    with journal.open("ab") as file:
        file.write(whole.body[:30])

    reopened = Calls(journal)
    reopened.open()
    (later,) = reopened.add([call()])
    reopened.close()

    assert journal.read_bytes().splitlines() == [whole.body, later.body]


@pytest.mark.parametrize("line", ["nonsense", "[]", "{}", '{"_id": "a", "callTemplateId": "b", "createdAt": 3}'])
def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, line: str) -> None:
    """Somebody else's file is not appended to; the message names the file and the line."""
    journal = tmp_path / "notes.txt"
    journal.write_text(line + "\n")
    with pytest.raises(ValueError, match=r"notes\.txt, line 1"):
        Calls(journal).open()

    assert journal.read_text() == line + "\n"


def test_other_threads_read_whole_batches(tmp_path: Path) -> None:
    """A reader never sees a part of a batch."""
    calls = Calls(tmp_path / "calls.jsonl")
    calls.open()
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(len(calls.listed()) % 3)

    reader = threading.Thread(target=read)
    reader.start()
    for _batch in range(200):
        calls.add([call()] * 3)
    done.set()
    reader.join()
    calls.close()

    assert seen == {0}


def test_waiting_for_calls_ends_when_they_exist_or_the_time_is_up() -> None:
    """A test can wait for the n-th call without polling, and is told when it never comes."""
    calls = Calls()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(calls.wait_for, 1, timeout_seconds=30)
        calls.add([{"callTemplateId": "a"}])
        came = waiting.result(timeout=30)

    assert came
    assert not calls.wait_for(2, timeout_seconds=0)
