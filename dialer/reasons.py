"""What can become of a row: the six statuses and every reason, each with the sentence the README prints."""

from enum import StrEnum


class Status(StrEnum):
    """Where a row of a sheet stands, as written in `dialer_status`."""

    CREATED = "created"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    PENDING = "pending"


STATUS_MEANINGS: dict[Status, str] = {
    Status.CREATED: "the call was created; its id is in `dialer_call_id`",
    Status.FAILED: "surely not created: safe to run again",
    Status.UNKNOWN: "may exist: never sent again until it is known",
    Status.REJECTED: "cannot be called as written: mend the row",
    Status.SKIPPED: "must not or need not be called",
    Status.PENDING: "not sent yet: beyond the horizon, the limit or a stop",
}


class Reason(StrEnum):
    """Why a row stands where it stands, as written in `dialer_reason`.

    An answer of the API that refused a call is written as `api_` and its status code, such as `api_400`.
    """

    PHONE_MISSING = "phone_missing"
    PHONE_INVALID = "phone_invalid"
    PHONE_DAMAGED = "phone_damaged"
    PHONE_TYPE_REFUSED = "phone_type_refused"
    REGION_NOT_ALLOWED = "region_not_allowed"
    NAME_MISSING = "name_missing"
    EMAIL_INVALID = "email_invalid"
    VARIABLE_MISSING = "variable_missing"
    KEY_MISSING = "key_missing"
    ZONE_INVALID = "zone_invalid"
    NO_ZONE = "no_zone"
    ROW_RAGGED = "row_ragged"
    DUPLICATE_OF_ROW = "duplicate_of_row"
    SUPPRESSED = "suppressed"
    ALREADY_CREATED = "already_created"
    REPLACED = "replaced"
    NOT_SENT = "not_sent"
    ATTEMPTS_SPENT = "attempts_spent"
    NO_REPLY = "no_reply"
    BAD_REPLY = "bad_reply"
    INTERRUPTED = "interrupted"
    NOT_FOUND = "not_found"
    TWO_MATCHES = "two_matches"
    RELEASED = "released"
    BATCH_REFUSED = "batch_refused"
    WAITING = "waiting"
    BEYOND_HORIZON = "beyond_horizon"
    BEYOND_LIMIT = "beyond_limit"
    NOT_SELECTED = "not_selected"
    REDIAL_WAITS = "redial_waits"
    NO_SLOT = "no_slot"
    STOPPED = "stopped"
    CAP_REACHED = "cap_reached"
    SLOT_PASSED = "slot_passed"
    SLOT_REFUSED = "slot_refused"
    NOT_IN_PLAN = "not_in_plan"
    CONSENT_MISSING = "consent_missing"
    CONSENT_REVOKED = "consent_revoked"
    ROW_HIDDEN = "row_hidden"
    CELL_CALCULATED = "cell_calculated"
    CELL_UNREADABLE = "cell_unreadable"
    CELL_MERGED = "cell_merged"


REASONS: dict[Reason, tuple[Status, str]] = {
    Reason.PHONE_MISSING: (Status.REJECTED, "the phone cell is empty"),
    Reason.PHONE_INVALID: (Status.REJECTED, "not a number that can be assigned in its region"),
    Reason.PHONE_DAMAGED: (
        Status.REJECTED,
        "a spreadsheet program has damaged the number (`1.21E+10`, `.0`)",
    ),
    Reason.PHONE_TYPE_REFUSED: (Status.REJECTED, "premium, toll-free, short, emergency or satellite number"),
    Reason.REGION_NOT_ALLOWED: (Status.REJECTED, "a number of a country that the campaign does not call"),
    Reason.NAME_MISSING: (Status.REJECTED, "the name cell is empty; the API requires a name"),
    Reason.EMAIL_INVALID: (Status.REJECTED, "not an e-mail address"),
    Reason.VARIABLE_MISSING: (Status.REJECTED, "a required variable is empty"),
    Reason.KEY_MISSING: (Status.REJECTED, "a column of the contact's key is empty"),
    Reason.ZONE_INVALID: (Status.REJECTED, "the time-zone cell holds no IANA zone"),
    Reason.NO_ZONE: (Status.REJECTED, "no time zone is known for the number, so no permitted hour is either"),
    Reason.ROW_RAGGED: (Status.REJECTED, "more or fewer cells than the header has"),
    Reason.DUPLICATE_OF_ROW: (Status.SKIPPED, "the same contact as an earlier row"),
    Reason.SUPPRESSED: (Status.SKIPPED, "the number is on a suppression list"),
    Reason.ALREADY_CREATED: (Status.SKIPPED, "created by an earlier run; its id is given, unless purged"),
    Reason.REPLACED: (Status.SKIPPED, "its row was mended into another contact, which is called instead"),
    Reason.NOT_SENT: (Status.FAILED, "every try surely failed before the API took it"),
    Reason.ATTEMPTS_SPENT: (
        Status.FAILED,
        "tried as often as `max_calls` under `[redial]` allows: mend the row, or allow more",
    ),
    Reason.NO_REPLY: (Status.UNKNOWN, "sent, and no whole reply came back"),
    Reason.BAD_REPLY: (Status.UNKNOWN, "the reply could not be understood"),
    Reason.INTERRUPTED: (Status.UNKNOWN, "the run ended between claim and outcome"),
    Reason.NOT_FOUND: (
        Status.UNKNOWN,
        "looked for and not in the API's listing: `dialer reconcile --release` frees it",
    ),
    Reason.TWO_MATCHES: (
        Status.UNKNOWN,
        "the API lists two calls that this could be, or one that two attempts could be: look there",
    ),
    Reason.RELEASED: (Status.FAILED, "was not found and was freed by `dialer reconcile --release`"),
    Reason.BATCH_REFUSED: (Status.PENDING, "its batch was refused without creating it; it is sent alone"),
    Reason.WAITING: (Status.PENDING, "planned, its turn has not come"),
    Reason.BEYOND_HORIZON: (Status.PENDING, "its slot lies beyond the horizon: a later run commits it"),
    Reason.BEYOND_LIMIT: (Status.PENDING, "left out by `--limit`"),
    Reason.NOT_SELECTED: (Status.PENDING, "left out by `dialer retry`, which sends only rows that failed"),
    Reason.REDIAL_WAITS: (Status.PENDING, "is called again, and its wait is not over: a later run calls it"),
    Reason.NO_SLOT: (Status.PENDING, "no permitted time before the campaign's end"),
    Reason.STOPPED: (Status.PENDING, "the run stopped before its turn"),
    Reason.CAP_REACHED: (Status.PENDING, "its number was called as often as its caps allow: a later run calls it"),
    Reason.SLOT_PASSED: (Status.PENDING, "its slot in the plan file passed before it was sent: plan it anew"),
    Reason.SLOT_REFUSED: (
        Status.PENDING,
        "its slot was outside the permitted hours or beyond a cap when its turn came; it was not sent",
    ),
    Reason.NOT_IN_PLAN: (Status.PENDING, "the plan file gives it no slot"),
    Reason.CONSENT_MISSING: (Status.REJECTED, "the campaign requires consent, and the sheet records none"),
    Reason.CONSENT_REVOKED: (Status.SKIPPED, "the sheet says that consent was taken back, or not to call"),
    Reason.ROW_HIDDEN: (Status.SKIPPED, "the worksheet hides the row, by hand or by a filter"),
    Reason.CELL_CALCULATED: (Status.REJECTED, "the phone or a column of the key is a formula: paste it as values"),
    Reason.CELL_UNREADABLE: (Status.REJECTED, "a cell holds an error, or a formula that was never calculated"),
    Reason.CELL_MERGED: (Status.REJECTED, "a cell is merged with the row above: split it, and fill in each row"),
}
