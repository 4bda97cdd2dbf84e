"""One short night of a fleet with its accidents; `python -m tests.chaos` plays three nights, a hundred times."""

import json
from pathlib import Path

import pytest

from tests.chaos.judge import busiest_second, wrong_calls, wrong_mornings, wrong_whole_mornings
from tests.chaos.rounds import play
from tests.chaos.size import Size
from tests.ledger.postgres import Server
from tests.support import MONDAY_NOON

NIGHT = MONDAY_NOON.date()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_fleets_night_is_done_whoever_dies(postgres: Server) -> None:
    """Two hosts start it, one is killed in it: everybody is called as often as the policy says, with one summary."""
    size = Size(campaigns=2, rows=3, hosts=1, nights=1, gaps=(1.5, 2.0), lease=None, accidents=1)
    figures = play(size, seed=0, server=postgres)

    assert not figures.breaches, figures.breaches
    assert figures.counts["calls"] == 5
    assert figures.counts["hosts killed"] == 1


@pytest.mark.parametrize("count", [0, 2])
def test_the_judge_sees_who_was_called_too_often_or_not_at_all(count: int) -> None:
    """By the API's own list, for those who should be in it and for those who should not."""
    created = [{"toPhoneNumber": "+12125550100"}] * count

    assert len(list(wrong_calls(created, {"+12125550100": 1}))) == 1
    assert len(list(wrong_calls(created, {}))) == bool(count)


def test_the_judge_looks_at_every_second() -> None:
    """Wherever it begins: three calls within a second count, though a full second parts two of them."""
    instants = ("09:00:00.500", "09:00:00.900", "09:00:01.499", "09:00:01.500", "09:00:03.000")

    assert busiest_second([{"createdAt": f"2026-11-23T{instant}Z"} for instant in instants]) == 3


@pytest.mark.parametrize(
    ("states", "wrong"), [(None, 1), (["failed", "succeeded"], 0), (["succeeded", "runs"], 1), (["succeeded"], 1)]
)
def test_the_judge_wants_one_summary_of_all_campaigns(tmp_path: Path, states: list[str] | None, wrong: int) -> None:
    """Of each night, with the end of every campaign."""
    if states is not None:
        found = [{"campaign": name, "state": state} for name, state in zip("ab", states, strict=False)]
        (tmp_path / f"morning-{NIGHT}.json").write_text(json.dumps({"campaigns": found}), "utf-8")

    assert len(list(wrong_whole_mornings(tmp_path, ["a", "b"], [NIGHT]))) == wrong


@pytest.mark.parametrize(("codes", "wrong"), [([], 1), ([0], 0), ([0, 3], 1), ([4], 0), ([4, 0], 0), ([5, 2], 1)])
def test_the_judge_wants_one_summary_of_each_night(codes: list[int], wrong: int) -> None:
    """Of a night that was done; one that left unknown rows may have been gone on with."""
    assert len(list(wrong_mornings([("spring", NIGHT, code) for code in codes], ["spring"], [NIGHT]))) == wrong
