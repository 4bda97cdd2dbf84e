"""What can become of a row: the six statuses and every reason, each with the sentence that people read."""

from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """Where a row of a sheet stands, as written in `dialer_status`, and what that means."""

    meaning: str

    # The defaults are never used: mypy takes `Status("created")`, which looks a member up, for making one.
    def __new__(cls, code: str, meaning: str = "") -> Self:
        """Make a member whose value is *code*."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    CREATED = "created", "the call was created; its id is in `dialer_call_id`"
    FAILED = "failed", "surely not created: safe to run again"
    UNKNOWN = "unknown", "may exist: never sent again until it is known"
    REJECTED = "rejected", "cannot be called as written: mend the row"
    SKIPPED = "skipped", "must not or need not be called"
    PENDING = "pending", "not sent yet: beyond the horizon, the limit or a stop"


FOR_A_PERSON = frozenset({Status.FAILED, Status.UNKNOWN, Status.REJECTED})
"""Statuses of rows that somebody has to look at."""


class Reason(StrEnum):
    """Why a row stands where it stands, as written in `dialer_reason`: its status, and what that means.

    An answer of the API that refused a call is written as `api_` and its status code, such as `api_400`.
    """

    status: Status
    meaning: str

    def __new__(cls, code: str, status: Status = Status.PENDING, meaning: str = "") -> Self:
        """Make a member whose value is *code*."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.meaning = meaning
        return member

    PHONE_MISSING = "phone_missing", Status.REJECTED, "the phone cell is empty"
    PHONE_INVALID = "phone_invalid", Status.REJECTED, "not a number that can be assigned in its region"
    PHONE_AMBIGUOUS = "phone_ambiguous", Status.REJECTED, "may be two numbers: write it with + and the country code"
    PHONE_DAMAGED = "phone_damaged", Status.REJECTED, "a spreadsheet program has damaged the number (`1.21E+10`)"
    PHONE_TYPE_REFUSED = (
        "phone_type_refused",
        Status.REJECTED,
        "premium, toll-free, short, emergency or satellite number",
    )
    COUNTRY_INVALID = "country_invalid", Status.REJECTED, "the country cell names no country, or may name two"
    COUNTRY_MISMATCH = "country_mismatch", Status.REJECTED, "the number is of another country than the row says"
    REGION_NOT_ALLOWED = "region_not_allowed", Status.REJECTED, "a number of a country that the campaign does not call"
    NAME_MISSING = "name_missing", Status.REJECTED, "the name cell is empty; the API requires a name"
    EMAIL_INVALID = "email_invalid", Status.REJECTED, "no e-mail address, and the campaign requires one"
    VARIABLE_MISSING = "variable_missing", Status.REJECTED, "a required variable is empty"
    CALL_VALUE_UNKNOWN = (
        "call_value_unknown",
        Status.REJECTED,
        "a cell that decides how the person is called holds a word or value that the campaign does not know",
    )
    KEY_MISSING = "key_missing", Status.REJECTED, "a column of the contact's key is empty"
    ZONE_INVALID = "zone_invalid", Status.REJECTED, "the time-zone cell holds no IANA zone"
    CALL_TIME_INVALID = (
        "call_time_invalid",
        Status.REJECTED,
        "a cell of when the person asks to be called cannot be read for sure, or contradicts another",
    )
    CALL_TIME_IMPOSSIBLE = (
        "call_time_impossible",
        Status.REJECTED,
        "when the person asks to be called has passed, or lies outside the hours that are permitted",
    )
    CALL_TIME_FULL = (
        "call_time_full",
        Status.PENDING,
        "no slot is left at the time for which the person asks: others come first, or the campaign ends before it",
    )
    NO_ZONE = "no_zone", Status.REJECTED, "no time zone is known for the number, so no permitted hour is either"
    NO_HOURS = (
        "no_hours",
        Status.REJECTED,
        "the places where the person may be have no permitted hour in common: say more of where",
    )
    WHERE_UNCLEAR = (
        "where_unclear",
        Status.REJECTED,
        "`where` under `[contacts]` compares a cell that cannot be read as it asks",
    )
    LEFT_OUT_BY_WHERE = "left_out_by_where", Status.SKIPPED, "`where` under `[contacts]` does not mean the row"
    EXCLUDED_NUMBER = (
        "excluded_number",
        Status.SKIPPED,
        "a number of the row is in a file, or was called by a campaign, that `exclude` under `[contacts]` names",
    )
    ROW_RAGGED = "row_ragged", Status.REJECTED, "more or fewer cells than the header has"
    DUPLICATE_OF_ROW = "duplicate_of_row", Status.SKIPPED, "the same contact as an earlier row"
    SUPPRESSED = "suppressed", Status.SKIPPED, "a number of the row is on a suppression list"
    ALREADY_CREATED = "already_created", Status.SKIPPED, "created by an earlier run; its id is given, unless purged"
    REPLACED = "replaced", Status.SKIPPED, "its row was mended into another contact, which is called instead"
    NOT_SENT = "not_sent", Status.FAILED, "every try surely failed before the API took it"
    ATTEMPTS_SPENT = (
        "attempts_spent",
        Status.FAILED,
        "tried as often as `max_calls` under `[redial]` allows: mend the row, or allow more",
    )
    NO_REPLY = "no_reply", Status.UNKNOWN, "sent, and no whole reply came back"
    BAD_REPLY = "bad_reply", Status.UNKNOWN, "the reply could not be understood"
    REPLY_DIFFERS = (
        "reply_differs",
        Status.UNKNOWN,
        "created, but the API tells another number or time than was asked for: look there",
    )
    ID_REPEATED = (
        "id_repeated",
        Status.UNKNOWN,
        "the API gave another call the same id, so nobody knows which of the two it belongs to",
    )
    INTERRUPTED = "interrupted", Status.UNKNOWN, "the run ended between claim and outcome"
    NOT_FOUND = (
        "not_found",
        Status.UNKNOWN,
        "looked for and not in the API's listing: `dialer reconcile --release` frees it",
    )
    TWO_MATCHES = (
        "two_matches",
        Status.UNKNOWN,
        "the API lists several calls that this could be, or one that may be another's: look there",
    )
    DECIDED = "decided", Status.CREATED, "unknown, until a person found out which call it is: the message says who"
    RELEASED = "released", Status.FAILED, "was not found and was freed by `dialer reconcile --release`"
    BATCH_REFUSED = "batch_refused", Status.PENDING, "its batch was refused without creating it; it is sent alone"
    WAITING = "waiting", Status.PENDING, "planned, its turn has not come"
    CLAIM_EXPIRED = "claim_expired", Status.PENDING, "it had waited too long to be sent safely: it is claimed anew"
    BEYOND_HORIZON = "beyond_horizon", Status.PENDING, "its slot lies beyond the horizon: a later run commits it"
    BEYOND_LIMIT = "beyond_limit", Status.PENDING, "left out by `--limit`"
    NOT_SELECTED = "not_selected", Status.PENDING, "left out by `dialer retry`, which sends only rows that failed"
    REDIAL_WAITS = "redial_waits", Status.PENDING, "is called again, and its wait is not over: a later run calls it"
    NO_SLOT = "no_slot", Status.PENDING, "no permitted time before the campaign's end, or within a year"
    STOPPED = "stopped", Status.PENDING, "the run stopped before its turn"
    CAP_REACHED = (
        "cap_reached",
        Status.PENDING,
        "its number was called as often as its caps allow: a later run calls it",
    )
    FROM_NUMBERS_USED = (
        "from_numbers_used",
        Status.PENDING,
        "the numbers of `[[from_numbers]]` have made their calls for a day: a later run calls it",
    )
    CALLED_BEFORE_ELSEWHERE = (
        "called_before_elsewhere",
        Status.PENDING,
        "the API lists a call to its number that this ledger has not made: it is held until you say otherwise",
    )
    SLOT_PASSED = "slot_passed", Status.PENDING, "its slot in the plan file passed before it was sent: plan it anew"
    SLOT_REFUSED = (
        "slot_refused",
        Status.PENDING,
        "its slot was outside the permitted hours or beyond a cap when its turn came; it was not sent",
    )
    BUDGET_SPENT = (
        "budget_spent",
        Status.PENDING,
        "the campaign's `[budget]` is spent: raise it, or wait until calls turn out shorter than expected",
    )
    PILOT_WAITS = "pilot_waits", Status.PENDING, "the campaign's `[pilot]` goes first: it waits until that has ended"
    NOT_IN_PLAN = "not_in_plan", Status.PENDING, "the plan file gives it no slot"
    CONSENT_MISSING = "consent_missing", Status.REJECTED, "the campaign requires consent, and the sheet records none"
    CONSENT_REVOKED = "consent_revoked", Status.SKIPPED, "the sheet says that consent was taken back, or not to call"
    ROW_HIDDEN = "row_hidden", Status.SKIPPED, "the worksheet hides the row, by hand or by a filter"
    CELL_CALCULATED = (
        "cell_calculated",
        Status.REJECTED,
        "the phone or a column of the key is a formula: paste it as values",
    )
    CELL_UNREADABLE = (
        "cell_unreadable",
        Status.REJECTED,
        "a cell holds an error, or a formula that was never calculated",
    )
    CELL_FORMATTED = (
        "cell_formatted",
        Status.REJECTED,
        "a number format shows another number than the phone cell holds: paste it as text",
    )
    CELL_MERGED = (
        "cell_merged",
        Status.REJECTED,
        "a cell is covered by another that it is merged with: split them, and fill in each",
    )


def meaning_of(reason: str) -> str:
    """Return the sentence of a reason as `dialer_reason` holds it, the API's own refusals among them, without marks."""
    if reason in set(Reason):
        return Reason(reason).meaning.replace("`", "")
    return f"the API answered {reason.removeprefix('api_')}"
