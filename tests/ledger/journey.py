"""Whatever workers, crashes and later runs may do to a few contacts, in any order, against a model of a dozen lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from dialer.calls.attempt import Claim
from dialer.calls.outcome import Kind
from dialer.errors import TransitionRefused
from dialer.ledger.database.engine import write
from dialer.ledger.database.schema import metadata
from dialer.ledger.transitions.claims import claim_all, claim_one, recover, settle_all
from tests.ledger.books import NOON_MS, attempt_rows, contact_rows, person, settlement, take_in
from tests.support import number

_PEOPLE = (0, 0, 1, 1, 2, 3)
"""Which number each contact has: some share one, as a couple does."""

_WHO = st.integers(0, len(_PEOPLE) - 1)

_KINDS = st.sampled_from([Kind.REFUSED, Kind.NOT_SENT] * 3 + [Kind.CREATED, Kind.UNKNOWN])
"""Mostly outcomes that may be followed by another claim: the others end a contact's journey."""

_CLAIMABLE = ("pending", "failed")


@dataclass
class _Known:
    state: str = "pending"
    planned: bool = True
    attempts: list[list[int | str | None]] = field(default_factory=list)  # [slot, outcome]


class Journey(RuleBasedStateMachine):
    """Does whatever workers, crashes and later runs may do, in any order; the model says what has to be refused."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        with write(engine) as tx:
            for table in reversed(metadata.sorted_tables):
                if table.name != "meta":
                    tx.execute(table.delete())
        self.rows = [person(row, phone=number(who), key=str(row)) for row, who in enumerate(_PEOPLE, start=2)]
        self.runs = 0
        self.known = [_Known() for _ in _PEOPLE]
        self.next_run()
        self.ids = [row.id for row in contact_rows(engine)]

    @rule()
    def next_run(self) -> None:
        """Let a later run take over every contact that may be claimed."""
        self.runs += 1
        self.run_id = f"r{self.runs}"
        take_in(self.engine, self.run_id, self.rows)
        for known in self.known:
            known.planned = known.planned or known.state in _CLAIMABLE

    def _claim(self, who: int, off: int, shift: int) -> Claim:
        made = len(self.known[who].attempts)
        return Claim(self.ids[who], made + 1 + off, self.run_id, number(_PEOPLE[who]), NOON_MS + shift, NOON_MS)

    def _may(self, claim: Claim) -> bool:
        known = self.known[self.ids.index(claim.contact_id)]
        return known.state in _CLAIMABLE and known.planned and claim.number == len(known.attempts) + 1

    def _taken(self, claim: Claim) -> set[object]:
        same = (known for who, known in zip(_PEOPLE, self.known, strict=True) if number(who) == claim.phone)
        return {slot for known in same for slot, _ in known.attempts}

    def _note(self, claim: Claim) -> None:
        known = self.known[self.ids.index(claim.contact_id)]
        known.state = "claimed"
        known.attempts.append([claim.slot_ms, None])

    @rule(who=_WHO, off=st.sampled_from([0, 0, 0, -1, 1]), shift=st.integers(0, 2))
    def claim_single(self, who: int, off: int, shift: int) -> None:
        """One worker claims one contact, perhaps with a stale count, perhaps for an instant that is taken."""
        claim = self._claim(who, off, shift)
        if not self._may(claim):
            with pytest.raises(TransitionRefused), write(self.engine) as tx:
                claim_one(tx, claim)
            return
        free = next(slot for slot in range(claim.slot_ms, claim.slot_ms + 99) if slot not in self._taken(claim))
        with write(self.engine) as tx:
            stored = claim_one(tx, claim)
        assert stored == replace(claim, slot_ms=free)
        self._note(stored)

    @rule(wanted=st.lists(st.tuples(_WHO, st.integers(0, 9)), min_size=1, max_size=4))
    def claim_group(self, wanted: Sequence[tuple[int, int]]) -> None:
        """Several workers' claims share one transaction: all or none."""
        group = [self._claim(who, 0, shift) for who, shift in wanted]
        instants = {(claim.phone, claim.slot_ms) for claim in group}
        once = len({claim.contact_id for claim in group}) == len(group)
        free = len(instants) == len(group) and not any(claim.slot_ms in self._taken(claim) for claim in group)
        if not (once and all(map(self._may, group)) and free):
            with pytest.raises((TransitionRefused, IntegrityError)), write(self.engine) as tx:
                claim_all(tx, group)
            return
        with write(self.engine) as tx:
            claim_all(tx, group)
        for claim in group:
            self._note(claim)

    @rule(
        wanted=st.lists(st.tuples(_WHO, _KINDS), min_size=1, max_size=3),
        off=st.sampled_from([0, 0, 0, -1]),
        again=st.booleans(),
    )
    def settle(self, wanted: Sequence[tuple[int, Kind]], off: int, *, again: bool) -> None:
        """Outcomes are written, perhaps twice, perhaps of an attempt that was settled before: all or none."""
        group = []
        for who, kind in wanted:
            claim = self._claim(who, off - 1, 0)
            group.append(settlement(claim, kind, again=again))
        whos = [who for who, _ in wanted]
        open_claims = off == 0 and all(self.known[who].state == "claimed" for who in whos)
        if not open_claims or len(set(whos)) != len(whos):
            with pytest.raises(TransitionRefused), write(self.engine) as tx:
                settle_all(tx, group)
            return
        with write(self.engine) as tx:
            settle_all(tx, group)
        for who, kind in wanted:
            known = self.known[who]
            known.attempts[-1][1] = kind.value
            sure = {Kind.CREATED: "created", Kind.UNKNOWN: "unknown"}
            known.state = sure.get(kind, "pending" if again else "failed")
            known.planned = known.state == "pending"

    @precondition(lambda self: self.runs % 3 == 2)  # often enough; each ends the journey of whoever was claimed
    @rule()
    def crash(self) -> None:
        """Start anew: each claim left open becomes unknown, nothing else changes."""
        with write(self.engine) as tx:
            found = recover(tx, "spring", now_ms=NOON_MS)
        assert found == sum(known.state == "claimed" for known in self.known)
        for known in self.known:
            if known.state == "claimed":
                known.state, known.planned = "unknown", False
                known.attempts[-1][1] = "unknown"

    @invariant()
    def ledger_is_as_known(self) -> None:
        """Compare the tables with the model; so what was refused has changed nothing."""
        stored = contact_rows(self.engine)
        assert [row.state for row in stored] == [known.state for known in self.known]
        assert [row.attempts for row in stored] == [len(known.attempts) for known in self.known]
        tries = attempt_rows(self.engine)
        expected = [
            (contact_id, index, slot, outcome)
            for contact_id, known in zip(self.ids, self.known, strict=True)
            for index, (slot, outcome) in enumerate(known.attempts, start=1)
        ]
        assert [(row.contact_id, row.number, row.slot_ms, row.outcome) for row in tries] == expected
        assert len({(row.phone, row.slot_ms) for row in tries}) == len(tries)

    @invariant()
    def at_most_one_is_created(self) -> None:
        """No contact has two attempts that created a call, and none after one that did or may have."""
        for known in self.known:
            assert all(outcome in ("refused", "not_sent") for _, outcome in known.attempts[:-1])
