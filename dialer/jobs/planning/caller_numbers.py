"""From which number each planned call comes: what its row says, or one of the campaign's pool."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialer.campaign.call_table import FromNumber
from dialer.campaign.file import Campaign
from dialer.ledger.choices.number_use import numbers_before, own_calls, used_slots, waiting_calls
from dialer.ledger.choices.own_choices import Choice
from dialer.ledger.database.engine import Transaction
from dialer.ledger.slots import CLOCKS_APART_MS
from dialer.schedule.by_row import ByRow, TextByRow, row_set
from dialer.schedule.instants import Instants
from dialer.schedule.number_pool import NOWHERE, Near, NumberPool, PoolNumber, area_of, near_number
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.slot_spacing import DAY_MS


@dataclass(frozen=True)
class Callers:
    """What the numbers of planned calls are chosen by. *own* is what rows say that differ from the run.

    *areas* are the area codes of the waiting rows, *before* the numbers of the pool that people were called from, by
    row, *used_ms* the slots that each number of the pool has already, by its name. All but *own* is empty without a
    pool.
    """

    own: Mapping[int, Choice]
    areas: Mapping[int, str]
    before: Mapping[int, str]
    used_ms: Mapping[str, list[int]]


def read_callers(tx: Transaction, run_id: str, pool: tuple[FromNumber, ...], *, now_ms: int) -> Callers:
    """Read what the numbers of a run's calls are chosen by."""
    if not pool:
        own = {call.row: call.choice for call in own_calls(tx, run_id)}
        return Callers(own, {}, {}, {})
    names = _names_of(pool)
    before_of = numbers_before(tx, run_id, names)
    own, areas, before = {}, TextByRow(), {}
    for call in waiting_calls(tx, run_id):
        if call.call_template_id or call.from_number:
            own[call.row] = call.choice
        areas[call.row] = area_of(call.phone)
        last = max((before_of[who] for who in (call.contact_id, call.phone) if who in before_of), default=None)
        if last is not None:
            before[call.row] = last.number
    others_ms = now_ms - CLOCKS_APART_MS  # another machine may send yet what is late by this one's clock
    return Callers(own, areas, before, used_slots(tx, run_id, names, since_ms=now_ms - DAY_MS, now_ms=others_ms))


def calls_a_day(campaign: Campaign, callers: Callers) -> int | None:
    """Return how many calls the campaign makes in any 24 hours at most, by itself and by its pool; None: any number.

    The pool bounds them only where no row brings a number of its own.
    """
    limits = [number.calls_per_day for number in campaign.from_numbers]
    is_bound = limits and None not in limits and not any(choice.from_number for choice in callers.own.values())
    pool = sum(filter(None, limits)) if is_bound else None
    return min((limit for limit in (pool, campaign.schedule.daily_limit) if limit is not None), default=None)


@dataclass(frozen=True)
class Numbered:
    """Planned calls, row by row with their slots (ms, ascending), the *numbers* of the pool, and who is left out.

    Those *without* a number find all of the pool, or the one that they were called from before, used up for their day.
    """

    rows: "array[int]"
    slots_ms: Instants
    numbers: TextByRow
    without: ByRow


def number_calls(
    calls: Iterator[tuple[int, int]],
    campaign: Campaign,
    callers: Callers,
    places: Mapping[Whereabouts, Sequence[int]],
    phones: Mapping[int, str],
) -> Numbered:
    """Choose a number of the campaign's pool for each of *calls*, (row, slot in ms) ascending by slot.

    *places* are the rows by where their people may be, *phones* the numbers of rows that share theirs. The same inputs
    give the same choice, which is stored with the slot: an attempt has one number, whenever the process ends.
    """
    pool = NumberPool([_pool_number(number) for number in campaign.from_numbers], callers.used_ms)
    name_of = _names_of(campaign.from_numbers)
    regions = TextByRow()
    for where, rows in places.items():
        for row in rows:
            regions[row] = "|".join(where.regions)
    found = Numbered(array("i"), Instants(), TextByRow(), row_set(()))
    of_phone: dict[str, str] = {}
    for row, slot_ms in calls:
        own = callers.own.get(row, Choice(None, None)).from_number
        kept = name_of.get(own or "") or callers.before.get(row) or of_phone.get(phones.get(row, ""))
        near = Near(callers.areas[row], tuple(regions[row].split("|")))
        is_foreign = own is not None and own not in name_of
        number = own if is_foreign else pool.take(slot_ms, near, kept=kept)
        if number is None:
            found.without[row] = 1
            continue
        found.rows.append(row)
        found.slots_ms.append(slot_ms)
        if own is None:
            found.numbers[row] = number
        if row in phones and not is_foreign:
            of_phone[phones[row]] = number
    return found


def _names_of(pool: Iterable[FromNumber]) -> dict[str, str]:
    """Return the name in the ledger of each number of a *pool*, by whatever names it."""
    return {name: number.name for number in pool for name in number.names}


def _pool_number(number: FromNumber) -> PoolNumber:
    near = NOWHERE if number.number is None else near_number(number.number)
    return PoolNumber(number.name, near, number.calls_per_day)
