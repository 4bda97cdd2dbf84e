"""Every area code of North America, held against the list of the numbering plan's own administrator."""

import pytest

from dialer.schedule.places.zones import zones_of
from tests.schedule.world import clocks, table, zone_tab

LETTERS = {
    "E": {"America/New_York"},
    "C": {"America/Chicago"},
    "M": {"America/Denver"},
    "P": {"America/Los_Angeles"},
    "A": {"America/Halifax"},
    "N": {"America/St_Johns"},
}
"""What the list's letters mean for a place with daylight saving time."""

CANADA = {"E": "America/Toronto", "C": "America/Winnipeg", "M": "America/Edmonton", "P": "America/Vancouver"}
"""What they mean in Canada, whose west leaves the clocks of the United States at the end of 2026."""

SPECIAL = {
    "(UTC+10)": {"Pacific/Guam"},
    "UTC-11": {"Pacific/Pago_Pago"},
    "(UTC-10)": {"Pacific/Honolulu"},
    "AK": {"America/Anchorage"},
    "PT/MT only for W Wendover": {"America/Los_Angeles", "America/Denver"},
}
PLACES = {
    "DOMINICAN REPUBLIC": "DO",
    "JAMAICA": "JM",
    "BAHAMAS": "BS",
    "BARBADOS": "BB",
    "ANGUILLA": "AI",
    "ANTIGUA/BARBUDA": "AG",
    "BRITISH VIRGIN ISLANDS": "VG",
    "CAYMAN ISLANDS": "KY",
    "BERMUDA": "BM",
    "GRENADA": "GD",
    "TURKS & CAICOS ISLANDS": "TC",
    "MONTSERRAT": "MS",
    "SINT MAARTEN": "SX",
    "ST.LUCIA": "LC",
    "DOMINICA": "DM",
    "ST. VINCENT & GRENADINES": "VC",
    "TRINIDAD & TOBAGO": "TT",
    "ST. KITTS & NEVIS": "KN",
    "PR": "PR",
    "VI": "VI",
}
ARIZONA = {"America/Phoenix"}

MORE_THAN_THE_LIST = {
    "America/Phoenix": ("928", "its letter is M, and all but the Navajo Nation has no daylight saving time"),
    "America/Denver": ("308 402 531 580 620 785 605 701 458 541 775 208 986 928", "towns at the edge of Mountain time"),
    "America/New_York": (
        "334 483 423 729 850 448 219 574 812 930 270 364 606 906",
        "towns at the edge of Eastern time",
    ),
    "America/Chicago": ("219 574 812 930 270 364 606 423 729 850 448 906 807 867", "towns at the edge of Central time"),
    "America/Boise": ("208 986 541 458 775", "the same as Denver's"),
    "America/Adak": ("907", "the western Aleutians"),
    "America/Regina": ("306 639 474", "Saskatchewan has no daylight saving time"),
    "America/Edmonton": ("306 639 474 236 250 257 672 778 867", "Lloydminster, the Kootenays, the territories"),
    "America/Fort_Nelson": ("236 250 257 672 778 867", "the north-east of British Columbia"),
    "America/Vancouver": ("867", "Yukon was on Pacific time"),
    "America/Whitehorse": ("867", "Yukon"),
    "America/Halifax": ("418 367 581 273 709 879", "the Magdalen Islands; most of Labrador"),
    "America/Blanc-Sablon": ("418 367 581 273", "Quebec's lower north shore has no daylight saving time"),
    "America/Atikokan": ("807 867", "north-western Ontario without daylight saving time"),
    "America/Rankin_Inlet": ("867", "Nunavut keeps daylight saving time"),
    "America/Cambridge_Bay": ("867", "western Nunavut keeps it too"),
    "America/Winnipeg": ("807 867 306 639 474", "Ontario west of 90 degrees; Nunavut; Creighton beside Flin Flon"),
    "America/Toronto": ("807 867", "eastern Nunavut"),
}
"""Clocks that the product adds to the list's letters, for which codes, and why."""

ROWS = table("nanpa.csv")


def by_the_list(row: dict[str, str]) -> set[str]:
    """Return the zones that the administrator's letters, or the code's country, mean."""
    country = PLACES.get(row["location"]) or PLACES.get(row["country"])
    if country is not None:
        return zone_tab()[country]
    if row["location"] == "AZ" and row["code"] != "928":
        return ARIZONA
    if row["location"] == "SASKATCHEWAN":
        return {"America/Regina"}
    letters = LETTERS | ({letter: {zone} for letter, zone in CANADA.items()} if row["country"] == "CANADA" else {})
    return SPECIAL.get(row["time_zone"]) or {zone for letter in row["time_zone"] for zone in letters[letter]}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_every_area_code_has_the_clocks_of_the_administrators_list(row: dict[str, str]) -> None:
    """Each listed code, in service or not, has the zones it is listed with, and others only for a reason."""
    code, zones = row["code"], zones_of(f"+1{row['code']}5550123", None)
    more = {zone for zone, (codes, _why) in MORE_THAN_THE_LIST.items() if code in codes.split()}
    needed, allowed = clocks(by_the_list(row)), clocks(by_the_list(row) | more)

    assert needed <= clocks(zones) <= allowed


@pytest.mark.parametrize("row", [row for row in ROWS if "," not in row["overlay"]], ids=lambda row: row["code"])
def test_an_overlay_has_the_zones_of_the_codes_it_shares_its_places_with(row: dict[str, str]) -> None:
    """Whoever is given a number of the newer code lives among people with the older one."""
    partners = [code for code in row["overlay"].split("/") if code and (row["code"], code) not in WIDER]

    assert {clocks_of(code) for code in partners} <= {clocks_of(row["code"])}


def clocks_of(code: str) -> frozenset[object]:
    """Return the clocks of an area code."""
    return frozenset(clocks(zones_of(f"+1{code}5550123", None)))


PROVINCE = {"236", "250", "257", "672", "778"}
WIDER = {pair for code in PROVINCE for pair in ((code, "604"), ("604", code))}
"""604 is Vancouver and its valley; the others are all of British Columbia."""


@pytest.mark.parametrize(
    ("code", "clock"),
    [
        ("689", "America/New_York"),
        ("273", "America/Halifax"),
        ("273", "America/Blanc-Sablon"),
        ("679", "America/Detroit"),
    ],
)
def test_a_code_that_was_once_wrong_is_right(code: str, clock: str) -> None:
    """Orlando's overlay is Eastern, and Quebec's newest has all that its neighbours have."""
    assert clocks([clock]) <= clocks(zones_of(f"+1{code}5550123", None))


def test_orlando_is_not_in_chicago() -> None:
    """A call at 20:05 was created in Orlando because its overlay was told as Central."""
    assert clocks(zones_of("+16895550123", None)) == clocks(["America/New_York"])
