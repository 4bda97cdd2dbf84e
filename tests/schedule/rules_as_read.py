"""The rules a second time, typed from the words of their sources: what `dialer/schedule/rules/*.toml` has to say."""

from dialer.schedule.rules import STRICTEST

STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR
RI SC SD TN TX UT VT VA WA WV WI WY"""
"""The states, the District of Columbia and Puerto Rico, by the postal abbreviations."""

FEDERAL = "AK AZ AR CO DE DC GA HI ID IA KS MO MT NH NJ NY NC ND OH TN VT VA WV WI"
"""States without a line in the lists of stricter hours (ClickPoint, July 2025; Drop Cowboy, November 2025)."""

NO_HOURS_READ = "AR AT BE CL DK FI IE IS JP MX NL PH PL PR SE US-PR"
"""Places whose hours no source told: as somewhere without any rule."""

AS_READ = {
    # region: Monday to Friday, Saturday, Sunday, holidays (None: as the weekday), caps
    "AE": ("09:00-18:00", "09:00-18:00", "09:00-18:00", "09:00-18:00", "1/24h 2/7d"),
    "AU": ("09:00-20:00", "09:00-17:00", "", "", ""),
    "BR": (
        "09:00-21:00",
        "10:00-16:00",
        "",
        "",
        "2/24h 15/31d",
    ),  # tiinside.com.br: "duas chamadas por dia e 15 por mês"
    "BR-RJ": ("08:00-18:00", "", "", "", ""),  # "exclusivamente de segunda a sexta-feira, das 8h às 18h"
    "CA": ("09:00-21:30", "10:00-18:00", "10:00-18:00", "10:00-18:00", ""),
    "CA-BC": ("09:00-21:30", "10:00-18:00", "10:00-18:00", "", "1/30d"),  # none on statutory holidays, once in 30 days
    "CH": ("08:00-20:30", "09:00-16:00", "", "", ""),  # "nicht vor 8 und nicht nach 20.30; samstags 9 bis 16 Uhr"
    "CO": ("07:00-19:00", "08:00-15:00", "", "", "1/24h 2/7d"),
    "DE": ("08:00-20:00", "09:00-18:00", "", "", "1/24h 2/7d 4/30d"),  # the caps of 2016 could not be read
    "ES": ("10:00-15:00, 16:00-21:00", "", "", "", "3/31d"),  # segre.com: from 10, not 15-16, three times a month
    "FR": ("10:00-13:00, 14:00-20:00", "", "", "", "4/30d"),
    "GB": ("08:00-21:00", "09:00-21:00", "", "", ""),
    "IL": ("10:00-13:00, 14:00-17:00", "", "", "", "1/24h 2/7d 4/30d"),
    "IN": ("10:00-21:00", "10:00-21:00", "10:00-21:00", "10:00-21:00", ""),
    "IT": ("09:00-20:00", "10:00-19:00", "", "", ""),
    "NO": ("09:00-21:00", "", "", "", ""),  # "forbudt på lørdager, helgedager ... før kl. 09.00 og etter kl. 21.00"
    "NZ": ("08:00-21:00", "08:00-21:00", "", "", ""),
    "PE": ("07:00-20:00", "", "", "", ""),  # "de lunes a viernes entre las 7:00 y las 20:00 horas"
    "PT": ("09:00-22:00", "", "", "", ""),  # "nunca antes das 9 horas nem depois das 22 horas"
    "SA": ("12:00-22:00", "12:00-22:00", "12:00-22:00", "", ""),  # none 22-9, in Ramadan none 1-12
    "SG": ("08:00-21:00", "09:00-18:00", "", "", ""),
    "ZA": ("08:00-20:00", "09:00-13:00", "", "", ""),
    "US": ("08:00-21:00", "08:00-21:00", "08:00-21:00", None, ""),
    "US-AL": (
        "08:00-20:00",
        "08:00-20:00",
        "",
        "",
        "",
    ),  # "No ... on Sundays or holidays ... prior to 8 a.m. or after 8 p.m."
    "US-CA": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),  # "between 9 p.m. and 9 a.m. California time"
    "US-CT": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, ""),
    "US-FL": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-IL": (
        "09:00-21:00",
        "09:00-21:00",
        "12:00-21:00",
        None,
        "",
    ),  # "after 12:00 noon and before 9:00 p.m. on a Sunday"
    "US-IN": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, ""),
    "US-KY": ("10:00-21:00", "10:00-21:00", "10:00-21:00", None, ""),
    "US-LA": ("08:00-20:00", "08:00-20:00", "", "", ""),
    "US-MA": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    "US-MD": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-ME": ("09:00-17:00", "", "", "", "1/8h"),
    "US-MI": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-MN": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-MS": ("09:00-20:00", "09:00-20:00", "", None, ""),  # 8-20 Central Standard Time is 9-21 of a summer's clock
    "US-NE": (
        "08:00-21:00",
        "08:00-21:00",
        "13:00-21:00",
        "13:00-21:00",
        "",
    ),  # "1:00 p.m. and 9:00 p.m., Sunday and ..."
    "US-NM": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),  # "before 9:00 a.m. or after 9:00 p.m."
    "US-NV": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, ""),
    "US-OK": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, "3/24h"),  # devices 9-21, and sales calls 8-20
    "US-OR": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-PA": (
        "09:00-19:00",
        "09:00-19:00",
        "",
        "",
        "",
    ),  # "on Sundays and between 7 p.m. and 9 a.m. on every other day"
    "US-RI": ("09:00-18:00", "10:00-17:00", "", "", ""),
    "US-SC": ("08:00-19:00", "08:00-19:00", "08:00-19:00", None, ""),  # "after seven p.m. or before eight a.m."
    "US-SD": ("09:00-21:00", "", "", None, ""),  # "except weekdays between 9 a.m. and 9 p.m."
    "US-TX": ("09:00-21:00", "09:00-21:00", "12:00-21:00", None, ""),
    "US-UT": ("08:00-21:00", "08:00-21:00", "", "", ""),
    "US-WA": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    "US-WY": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    STRICTEST: ("10:00-13:00, 14:00-17:00", "", "", "", "1/24h 2/7d 4/30d"),
}
"""What the sources say, typed from their own words and from no row."""

FRIDAYS = {"IL": "10:00-12:00", "SA": ""}
CONSENT_FIRST = "AT DE DK FR IE NL PE PL SA"
"""Where a person too may make no sales call without consent."""

OF_ONE_TRADE_OR_OFFER = {"ES", "CA-BC"}
"""Caps and pauses that are those of one trade's own code, or of one offer."""
