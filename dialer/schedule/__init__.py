"""When each contact may be called and will be called: zones of a number, open hours in UTC, slots."""

from dialer.schedule.planner import END_MARGIN_MS, Group, Planned, plan
from dialer.schedule.windows import open_intervals
from dialer.schedule.zone_data import load_zone
from dialer.schedule.zones import zones_of

__all__ = ["END_MARGIN_MS", "Group", "Planned", "load_zone", "open_intervals", "plan", "zones_of"]
