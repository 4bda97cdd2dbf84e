"""Words a campaign file for a sheet: commented, with what was found, and what only a person can say left open. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dialer.campaign.json_schema import SCHEMA_FILE
from dialer.contacts.columns.column_questions import Question
from dialer.sheets.header_names import quoted


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a sheet and its columns.

    `columns` are the fields with their headers, `variables` keys with theirs, `questions` the fields that are not
    clear. `region` is the country of numbers without a plus, `None` where none is needed or it `needs_region` and
    nobody said which; `countries` are those of the numbers seen, and `guess` the country most of them fit.
    `more_phones` are other columns that hold numbers.
    """

    name: str
    sheet: str | None
    header_row: int
    columns: Mapping[str, Sequence[str]]
    variables: Mapping[str, str]
    questions: Sequence[Question]
    region: str | None
    needs_region: bool
    guess: str | None
    countries: Sequence[str]
    more_phones: Sequence[str]


_CHOICES = (
    '# consent = "required"                  # call only people whose consent the sheet records',
    """# where = "Plan == 'gold'"               # call only rows of which this holds""",
    '# priority = "Balance"                  # call the largest numbers of a column first',
    '# exclude = ["campaign:other"]          # call nobody whom another campaign has called, or who is in a file',
)
"""Keys of `[contacts]` that say who is called and in what order, ready to be switched on."""

_SWITCHED_OFF = (
    "# What follows is off. Take the # off what the campaign needs, the one before the table's name too.",
    "",
    "# [limits]",
    '# per_number = ["1/24h", "2/7d", "4/30d"]  # calls of one number, over all campaigns of the ledger',
    '# again_after = "30d"                   # call a person again, so long after the last call',
    "",
    "# [redial]                              # call again after calls that ended so (dialer sync)",
    '# on = ["noAnswer", "busy"]',
    '# wait = "4h"',
    "# max_calls = 3",
    "# [redial.VOICEMAIL_DETECTED]           # an outcome with waits of its own",
    '# wait = ["1d", "3d"]',
    "",
    "# [budget]",
    "# cost_per_minute = 0.12                # the question before a run then says what the calls may cost",
    "# minutes_per_call = 2                  # how long a call is expected to take",
    "# max_cost = 100                        # no call is claimed beyond it",
    "# max_calls = 1000",
    "",
    "# [pilot]                               # the first calls alone, the rest once they have ended",
    "# calls = 50",
    '# wait = "2h"',
    "",
    "# [stop_when]                           # pause when so large a share of the ended calls ended so",
    "# DO_NOT_CALL = 0.02",
    "# after = 50",
    "",
    "# [report]                              # a page with plots beside the results, live while a run goes on",
    "# write = true",
    "",
    "# [nightly]                             # what dialer nightly does with it; file may be a pattern then",
    "# enabled = true",
    '# at = "22:00"',
    '# timezone = "America/New_York"         # the zone of at and not_after',
    '# not_after = "06:00"',
    "",
    "# [call.by.Language]                    # rows that differ, by the words of a column",
    '# de = { call_template_id = "..." }',
    "",
    "# [[from_numbers]]                      # to call from the nearest of several numbers",
    '# number = "+1..."',
    "# calls_per_day = 100",
    "",
    "# [[call.webhooks]]                     # told by the API of each call",
    '# url = "https://example.com/calls"',
    '# secret_env = "CALLS_SECRET"           # the environment variable that holds the secret',
)
"""Tables that campaigns can have besides, ready to be switched on."""


def campaign_text(facts: Facts, source: Iterable[str]) -> str:
    """Return the text of a campaign file: valid TOML, also with questions left open. *source* names the sheet."""
    return "\n".join([*_head(facts), *_contacts(facts, source), *_columns(facts), *_variables(facts), *_rest(), ""])


def _head(facts: Facts) -> list[str]:
    return [
        f"#:schema ./{SCHEMA_FILE}",
        f"# The campaign {facts.name}, made by `dialer init`. Every key is explained in",
        "# docs/reference/campaign-file.md.",
        "",
        "[call]                                  # what goes into every call; the ids may come from the environment",
        '# team_id = "..."                       # or AICALLER_TEAM_ID',
        '# call_template_id = "..."              # or AICALLER_CALL_TEMPLATE_ID',
        "",
    ]


def _contacts(facts: Facts, source: Iterable[str]) -> list[str]:
    lines = ["[contacts]", *source]
    if facts.sheet is not None:
        lines.append(f"sheet = {quoted(facts.sheet)}")
    if facts.header_row > 1:
        lines.append(f"header_row = {facts.header_row}                          # what stands above is left out")
    if facts.region is not None:
        lines.append(f"region = {quoted(facts.region)}                           # of numbers written without +")
    elif facts.needs_region:
        lines += [
            "# QUESTION: some numbers are written without + and a country. Which country are they of? Take the # off:",
            f"# region = {quoted(facts.guess or 'US')}",
        ]
    others = [country for country in facts.countries if country != facts.region]
    if facts.region is not None and others:
        allowed = ", ".join(quoted(country) for country in [facts.region, *others])
        lines += [
            "# Numbers of other countries were seen too, and are rejected unless they are named here:",
            f"# regions = [{allowed}]",
        ]
    return [*lines, *_CHOICES, ""]


def _columns(facts: Facts) -> list[str]:
    lines = ["[contacts.columns]"]
    for question in facts.questions:
        lines.append(f"# QUESTION: {asked(question)}? Take the # off the right line:")
        ways = question.candidates or ((question.guess or "...",),)
        lines += [f"# {question.field} = {_value(way)}" for way in ways]
        if question.may_be_ignored:
            every = tuple(dict.fromkeys(header for way in ways for header in way))
            lines.append(f"# ignore = {_value(every)}                # those that say nothing of calls")
    lines += [f"{field} = {_value(headers)}" for field, headers in facts.columns.items()]
    lines += [
        '# call_at = "..."                        # when the person asks to be called; also not_before, not_after'
    ]
    if facts.more_phones:
        phones = _value((*facts.columns["phone"], *facts.more_phones))
        lines += ["# Other columns hold numbers too. To have each tried in turn, write in place of phone above:"]
        lines += [f"# phone = {phones}"]
    return [*lines, ""]


def asked(question: Question) -> str:
    """Word a question for a person."""
    if question.field == "consent_revoked":
        return "which columns say who is not to be called"
    if question.field == "consent":
        return "which column says who agreed to be called"
    return f"which column is the {question.field}"


def _variables(facts: Facts) -> list[str]:
    lines = ["[contacts.variables]                    # the prompt's variables; delete what it does not use"]
    lines += [f"{_key(key)} = {quoted(header)}" for key, header in facts.variables.items()]
    return [*lines, ""]


def _rest() -> list[str]:
    return [
        "[schedule]                              # each person's own local time",
        "calls_per_minute = 10",
        'window = "09:00-17:30"',
        'days = ["mon", "tue", "wed", "thu", "fri"]',
        "",
        "[suppression]",
        "files = []                              # sheets of numbers never to call",
        '# max_age = "31d"                       # a run is refused while one of them is older',
        "",
        *_SWITCHED_OFF,
    ]


def _value(headers: Sequence[str]) -> str:
    return quoted(headers[0]) if len(headers) == 1 else f"[{', '.join(map(quoted, headers))}]"


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").isalnum() else quoted(key)
