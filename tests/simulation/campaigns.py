"""The campaign of a story: its hours, its pace and its limits, as one stream of chance decides them."""

from random import Random

from dialer.campaign.file import Campaign
from tests.support import CampaignFolder

READ_SECONDS = 30.0
"""How long a process waits for a reply."""

LATER = "2026-11-23T21:00:00Z"
"""Four hours after a story begins: slots lie so far ahead that a claim grows old before its slot comes too close."""


def draw_campaign(folder: CampaignFolder, random: Random) -> Campaign:
    """Write a campaign file for the sheet of *folder*, and load it."""
    window, days = random.choice(
        (
            ("00:00-24:00", '"mon", "tue", "wed", "thu", "fri", "sat", "sun"'),
            ("09:00-17:30", '"mon", "tue", "wed", "thu", "fri"'),
            ("10:00-13:00, 14:00-20:00", '"mon", "tue", "sat"'),
        )
    )
    tables = f"""
[schedule]
start = "{random.choice(("now", "now", LATER))}"
calls_per_minute = {random.choice((3, 20, 600))}
window = "{window}"
days = [{days}]
horizon = "{random.choice(("1h", "24h", "3d"))}"
rules = "{"off" if window == "00:00-24:00" else "built-in"}"
holidays = {str(window != "00:00-24:00").lower()}
[submit]
requests_per_second = {random.choice((3, 20, 200))}
concurrency = {random.choice((1, 3, 8))}
batch_size = {random.choice((1, 1, 4))}
max_attempts = {random.choice((1, 2, 4))}
max_unknown = {random.choice((2, 10, 1000))}
max_failures_in_a_row = {random.choice((3, 20))}
read_timeout = "{READ_SECONDS:.0f}s"
settle_time = "120s"
[redial]
max_calls = 20
[suppression]
files = ["do_not_call.csv"]
"""
    return folder.campaign(tables, 'region = "US"\n[contacts.columns]\nphone = ["Phone", "Home"]')
