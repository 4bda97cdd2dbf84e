"""Ready units that start the night of a folder of campaigns: systemd, cron, GitHub Actions, Airflow. Pure."""

from dialer.jobs.timers.starts import NightTime
from dialer.jobs.timers.units import Timer, timer_units

__all__ = ["NightTime", "Timer", "timer_units"]
