"""Legal holidays of American states that no library has, day by day, typed by hand from the words of their laws.

Those that hang on Easter or on an election are held against the `holidays` library, which knows them for Louisiana
(`test_public_holidays.py`); the others are fixed days, or Mondays and Fridays counted on a calendar.
"""

LEGAL_DAYS = {
    "US-AL": "2026-02-17 2027-02-09 2028-02-29 2026-12-01 2027-12-01 2028-12-01",
    "US-LA": "2026-01-08 2027-01-08 2028-01-08 2026-08-30 2027-08-30 2028-08-30 2026-11-01 2027-11-01 2028-11-01",
    "US-NE": "2026-11-27 2027-11-26 2028-11-24",
    "US-PA": """
2026-04-03 2027-03-26 2028-04-14 2026-06-14 2027-06-14 2028-06-14 2026-11-03 2027-11-02 2028-11-07""",
    "US-RI": """
2026-05-04 2027-05-04 2028-05-04 2026-11-03 2028-11-07 2026-07-06 2027-07-05 2027-12-27 2028-01-03 2028-11-13""",
    "US-UT": "2026-04-03 2027-03-26 2028-04-14 2026-06-15 2027-06-21 2028-06-19",
}
"""By state, the days of 2026 to 2028 that stand in the rules' own data."""

ORDINARY_DAYS = {
    "US-LA": "2026-06-03 2026-01-20",
    "US-NE": "2026-11-30",
    "US-PA": "2026-05-04 2026-04-06 2027-11-09",
    "US-RI": "2027-11-02 2026-04-03 2026-11-10 2027-01-04 2028-12-26",
    "US-UT": "2026-06-22 2027-06-17 2026-04-06",
    "US-NY": "2026-11-27 2026-06-15",
}
"""By state, work days that a slip in those laws' reading would make a holiday."""
