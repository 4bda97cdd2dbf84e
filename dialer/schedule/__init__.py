"""When each contact may be called and will be called: places and zones, rules and hours, caps, slots."""

from dialer.schedule.caps import CapBook, CappedRow
from dialer.schedule.permits import Permits, Whereabouts
from dialer.schedule.places import Place, place_of
from dialer.schedule.planner import END_MARGIN_MS, Group, Planned, Terms, plan
from dialer.schedule.windows import open_intervals
from dialer.schedule.zone_data import load_zone
from dialer.schedule.zones import zones_of

__all__ = [
    "END_MARGIN_MS",
    "CapBook",
    "CappedRow",
    "Group",
    "Permits",
    "Place",
    "Planned",
    "Terms",
    "Whereabouts",
    "load_zone",
    "open_intervals",
    "place_of",
    "plan",
    "zones_of",
]
