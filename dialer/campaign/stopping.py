"""`[pilot]` and `[stop_when]`: how a campaign begins small, and which ends of calls stop it. Pure."""

import difflib
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from dialer.calls.disposition import FINAL, Code
from dialer.campaign.recurring import outcome
from dialer.campaign.tables import DURATION, CampaignTable
from dialer.words import masked

Share = Annotated[float, Field(gt=0, le=1)]


class Pilot(CampaignTable):
    """`[pilot]`: the first `calls` of a campaign are made alone.

    Nothing else is committed before all of them have ended, and `wait` after the last one's slot at the earliest.
    """

    calls: Annotated[int, Field(ge=1)] | None = None
    wait: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=7)), DURATION] = timedelta(hours=2)


class StopWhen(CampaignTable):
    """`[stop_when]`: the share of ended calls, by status or status code, at which the campaign is paused.

    No share counts before so many calls as `after` have ended, or all those of a pilot that nobody has accepted.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Share] = Field(init=False)

    after: Annotated[int, Field(ge=1)] = 50

    @model_validator(mode="after")
    def _names_are_the_apis(self) -> Self:
        known = (*FINAL, *Code)
        for name in self.shares:
            near = difflib.get_close_matches(outcome(name), known, 1, 0.8)
            if near and name not in known:  # a share of nothing would stop nothing
                raise ValueError(f"no call ends with {masked(name)}. Did you mean {near[0]}?")
        return self

    @property
    def shares(self) -> Mapping[str, float]:
        """The share at which each status or status code stops the campaign."""
        return self.__pydantic_extra__ or {}

    def reached(self, ended: int, of: Mapping[str, int], *, after: int) -> str:
        """Word which share is reached by the *ended* calls, *of* each status and status code; "" for none."""
        said = (
            f"{of[name]:,} of {ended:,} ended calls were {name}: {of[name] / ended:.1%}, where it says {share:.1%}"
            for name, share in self.shares.items()
            if ended >= max(after, 1) and of.get(name, 0) / ended >= share
        )
        return next(said, "")
