"""How single people are called, as the ledger keeps it: with the row, and with the claim."""

from dataclasses import replace

from sqlalchemy import Engine, select

from dialer.calls.endpoint import Endpoint
from dialer.calls.outcome import Kind
from dialer.ledger.choices.own_choices import own_templates
from dialer.ledger.database.choice_tables import attempt_choices
from dialer.ledger.database.engine import read, write
from dialer.ledger.intake import ReadRow
from dialer.ledger.transitions.reconciled import known_calls, known_calls_of, unknown_attempts
from tests.ledger.books import attempt, claims, person, planned, take_in


def told(row: int, **call: str) -> ReadRow:
    """Return a row whose person is called so."""
    read_row = person(row)
    verdict = read_row.verdict
    contact = verdict.contact._replace(call=tuple(call.items()))  # type: ignore[union-attr]
    return replace(read_row, verdict=verdict._replace(contact=contact))  # type: ignore[union-attr]


def test_a_contact_is_called_as_its_row_says_last(engine: Engine) -> None:
    """A row that says something else by now changes the next call; one that says nothing takes the run's."""
    take_in(engine, "r1", [told(2, call_template_id="german"), told(3, from_phone_number="+12015550100"), person(4)])
    first = {call.row: (call.call_template_id, call.from_number) for call in planned(engine, "r1", [2, 3, 4])}
    take_in(engine, "r2", [told(2, phone_number_id="berlin"), person(3), told(4, call_template_id="own")], content="b")
    second = {call.row: (call.call_template_id, call.from_number) for call in planned(engine, "r2", [2, 3, 4])}

    assert first == {2: ("german", None), 3: (None, "+12015550100"), 4: (None, None)}
    assert second == {2: (None, "berlin"), 3: (None, None), 4: ("own", None)}


def test_an_attempt_keeps_what_was_sent(engine: Engine) -> None:
    """It is looked for where it was sent, whatever its row says by then."""
    run = take_in(engine, "r1", [told(2, call_template_id="german"), person(3)])
    own, plain = claims("r1", planned(engine, "r1", [2, 3]))
    attempt(engine, own, Kind.UNKNOWN)
    attempt(engine, plain, Kind.CREATED)
    with write(engine) as tx:
        assert own_templates(tx, run.campaign_id) == ["german"]
    with read(engine) as tx:
        rows = tx.execute(select(attempt_choices)).all()
        unknown = unknown_attempts(tx, run.campaign_id)
        here = known_calls(tx, Endpoint("", ""))
        there = known_calls(tx, Endpoint("", "german"))
        known = known_calls_of(tx, "r1")

    assert [(row.contact_id, row.call_template_id, row.from_number) for row in rows] == [
        (own.contact_id, "german", None)
    ]
    assert {place.call_template_id for place in unknown} == {"german"}
    assert (len(here.listed), len(here.elsewhere)) == (1, 0)
    assert (len(there.listed), len(there.elsewhere)) == (0, 1)
    assert (len(known.witnesses()), len(known.witnesses("german"))) == (1, 0)
