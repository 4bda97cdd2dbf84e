"""What a look at the API's listing is judged by: the calls it must hold, the attempts whose call may exist."""

import json
from itertools import chain

from sqlalchemy import Engine, update

from dialer.calls.endpoint import Endpoint
from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import attempts, runs
from dialer.ledger.transitions.reconciled import known_calls, unknown_attempts
from tests.ledger.books import NOON_MS, attempt, claims, people, planned, take_in


def _called(engine: Engine, run_id: str, campaign: str, sent_to: Endpoint, kind: Kind, *, minute: int) -> None:
    """Make one call of a run that was sent there; *minute* tells when."""
    take_in(engine, run_id, people(1), campaign=campaign)
    (claim,) = claims(run_id, planned(engine, run_id, [2], first_ms=NOON_MS + minute * 60_000))
    attempt(engine, claim, kind)
    its = attempts.c.run_id == run_id
    values: dict[str, object] = {"claimed_at_ms": minute}
    if kind == Kind.CREATED:
        values["call_id"] = f"call-{run_id}"
    with write(engine) as tx:
        tx.execute(update(attempts).where(its).values(values))
        facts = json.dumps({"address": sent_to.address, "call_template_id": sent_to.call_template_id})
        tx.execute(update(runs).where(runs.c.id == run_id).values(facts=facts))


API = Endpoint("https://api.example.com", "spring")
STAND_IN = Endpoint("http://127.0.0.1:8080", "spring")


def test_a_listing_must_hold_the_calls_that_were_sent_to_it(engine: Engine) -> None:
    """Calls of another template or to another address are known too, but need not be listed; the oldest come first."""
    places = [API, Endpoint("https://other.example.com", "spring"), Endpoint(API.address, "summer"), STAND_IN, API]
    for index, place in enumerate(places):
        _called(engine, f"r{index}", f"campaign {index}", place, Kind.CREATED, minute=10 - index)
    with read(engine) as tx:
        at_api, at_stand_in = known_calls(tx, API), known_calls(tx, Endpoint("http://localhost:9999", "spring"))
    assert list(at_api.listed) == ["call-r4", "call-r0"]
    assert set(at_api.elsewhere) == {"call-r1", "call-r2", "call-r3"}
    assert list(at_stand_in.listed) == ["call-r3"]


def test_unknown_attempts_are_those_of_a_campaign_or_of_all(engine: Engine) -> None:
    """A campaign's are given with where each was sent; together with everybody else's where none is named."""
    _called(engine, "r1", "spring", API, Kind.UNKNOWN, minute=1)
    _called(engine, "r2", "summer", STAND_IN, Kind.UNKNOWN, minute=2)
    _called(engine, "r3", "autumn", API, Kind.CREATED, minute=3)
    with read(engine) as tx:
        of_spring, of_all = unknown_attempts(tx, 1), unknown_attempts(tx, None)
    assert list(of_spring) == [API]
    assert list(of_all) == [API, STAND_IN]
    assert [item.contact_id for item in chain.from_iterable(of_all.values())] == [1, 2]
