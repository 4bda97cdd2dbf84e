"""What the requests of one run have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialer.campaign.tables import Submit
from dialer.submit.limits.key_limit import KeyLimit


@dataclass(frozen=True, slots=True)
class SharedRequest:
    """What every attempt of a run shares: its id, and the fields common to all bodies; `repr()` hides their secrets.

    *limit* is that of the run's key, None where the run has it to itself.
    *from_numbers* are the fields by which a call comes from each number of the campaign's pool.
    """

    run_id: str
    shared_fields: Mapping[str, Any] = field(repr=False)
    settings: Submit
    from_numbers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limit: KeyLimit | None = None
