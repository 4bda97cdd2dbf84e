"""`[budget]`: what a call is expected to cost, and what a campaign may cost at most. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from dialer.campaign.tables import CampaignTable, Text

SECONDS_A_MINUTE = 60
NOT_NEGATIVE = {"type": "number", "minimum": 0}
POSITIVE = {"type": "number", "exclusiveMinimum": 0}


@dataclass(frozen=True, slots=True)
class Spending:
    """What a campaign's calls have come to, over all its runs.

    *settled_seconds* is how long the ended ones took, by the API's word. *reserved* of the *calls* have no known end,
    or may exist and may not: each counts as a call of the expected length.
    """

    calls: int = 0
    settled_seconds: float = 0.0
    reserved: int = 0


class SpentJson(TypedDict):
    """What a campaign has spent of its budget, and how many calls are left (None: any number)."""

    calls: int
    calls_left: int | None
    spent: str | None


class Budget(CampaignTable):
    """`[budget]`: what a minute costs, how long a call is expected to take, and where the campaign ends.

    `max_calls` and `max_cost` hold over all runs of the campaign in its ledger. Before each claim the expected cost of
    its call is reserved; once the API has told how long the call took, that counts instead. A call longer than
    `minutes_per_call` shows only then.
    """

    cost_per_minute: Annotated[Decimal, Field(ge=0), WithJsonSchema(NOT_NEGATIVE)] | None = None
    currency: Text = "USD"
    minutes_per_call: Annotated[Decimal, Field(gt=0), WithJsonSchema(POSITIVE)] = Decimal(2)
    max_cost: Annotated[Decimal, Field(ge=0), WithJsonSchema(NOT_NEGATIVE)] | None = None
    max_calls: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _cost_has_a_price(self) -> Self:
        if self.max_cost is not None and not self.cost_per_minute:
            raise ValueError("max_cost needs cost_per_minute: what a minute costs, above 0")
        return self

    @property
    def is_limited(self) -> bool:
        """Whether it ever keeps a call from being made."""
        return self.max_cost is not None or self.max_calls is not None

    def minutes_of(self, calls: int) -> Decimal:
        """Return how long so many calls are expected to take."""
        return calls * self.minutes_per_call

    def cost_of(self, calls: int) -> Decimal | None:
        """Return what so many calls are expected to cost; None where no price is known."""
        return None if self.cost_per_minute is None else self.minutes_of(calls) * self.cost_per_minute

    def spent(self, spending: Spending) -> Decimal | None:
        """Return what has been spent and reserved; None where no price is known."""
        if self.cost_per_minute is None:
            return None
        settled = Decimal(str(spending.settled_seconds)) / SECONDS_A_MINUTE
        return (settled + self.minutes_of(spending.reserved)) * self.cost_per_minute

    def calls_left(self, spending: Spending) -> int | None:
        """Return how many more calls may be made; None for any number."""
        left = [] if self.max_calls is None else [self.max_calls - spending.calls]
        spent, each = self.spent(spending), self.cost_of(1)
        if self.max_cost is not None and spent is not None and each:
            left.append(int((self.max_cost - spent) // each))
        return max(0, min(left)) if left else None

    def told(self, spending: Spending) -> SpentJson:
        """Return what has been spent and what is left, for people and for `--json`."""
        spent = self.spent(spending)
        return {
            "calls": spending.calls,
            "calls_left": self.calls_left(spending),
            "spent": None if spent is None else self.money(spent),
        }

    def money(self, amount: Decimal) -> str:
        """Write an amount with its currency."""
        return f"{amount:,.2f} {self.currency}"

    @property
    def limits(self) -> str:
        """The limits in words, `max_calls = 100, max_cost = 25`; "" where there is none."""
        limits = {"max_calls": self.max_calls, "max_cost": self.max_cost}
        return ", ".join(f"{name} = {limit}" for name, limit in limits.items() if limit is not None)
