"""Says in plain words why a database refused what was asked of it, and what to do, by the codes that it documents."""

import sqlite3

from dialer.ledger.database.busy import PRIMARY_CODE

_DAMAGED = "it is damaged. Keep it, restore a copy made while no run was going, then run `dialer status`."
_OTHER_TABLES = (
    "its tables are not those of this program. Name the right ledger, or install the version of dialer that wrote it."
)
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: "its disk is full. Make room there, then run again.",
    sqlite3.SQLITE_READONLY: "it may only be read. Let its file, its folder and their disk be written, then run again.",
    sqlite3.SQLITE_PERM: "this user may not open it. Let its file and its folder be read and written, then run again.",
    sqlite3.SQLITE_CANTOPEN: "a file of it cannot be opened. Let its file and its folder be read and written, then run"
    " again.",
    sqlite3.SQLITE_IOERR: "its disk failed. See that the disk is connected and sound, then run again.",
    sqlite3.SQLITE_IOERR_WRITE: "it could not be written: its disk, or this user's share of it, is full or failed."
    " Make room, or look at the disk, then run again.",
    sqlite3.SQLITE_NOMEM: "the memory of this machine was used up. End other programs, then run again.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_ERROR: _OTHER_TABLES,
    sqlite3.SQLITE_SCHEMA: _OTHER_TABLES,
}
"""By the result codes of SQLite (sqlite.org/rescode.html): the whole one, else the primary one that it belongs to."""

_NO_SESSION = "its server ended the connection, or none could be made. See that the server runs, then run again."
_BY_SQLSTATE = {
    "08": _NO_SESSION,
    "57P": _NO_SESSION,
    "57014": "its server cancelled a statement. Raise statement_timeout for this user, then run again.",
    "53100": "the disk of its server is full. Make room there, then run again.",
    "53200": "the memory of its server was used up. Give it more, or run again later.",
    "53300": "its server takes no more connections. Raise max_connections there, or run again later.",
    "2BP01": "others have built on its tables, such as a view. Drop what they built, then run again.",
    "25006": "its server only lets it be read. Name the server that writes, not a copy of it.",
    "42501": "this user may not use its tables. Grant the user the database, then run again.",
    "42P05": "a pooler gives it sessions that others have used. Let it clear them (server_reset_query = DISCARD ALL),"
    " or name the server's own port.",
    "42": _OTHER_TABLES,
    "3F": "this user may use no schema of it. Grant the user one (GRANT USAGE ON SCHEMA), or name another in the URL:"
    " ?schema=NAME.",
    "40": "another program's transaction was in the way. Run again.",
    "28": "its server does not let this user in. Mend user and password in the ledger's URL, or give PGPASSWORD.",
    "58": "the disk of its server failed. See what its log says, then run again.",
    "XX": "its server found it damaged. See what its log says; restore a copy if it says so.",
}
"""By the beginning of the codes of PostgreSQL (its documentation, appendix A); the longest that fits decides."""


def why_refused(error: BaseException | None) -> str:
    """Return what a driver's *error* means and what to do; never its own text, which may quote a row."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int) and (said := _BY_SQLITE.get(code) or _BY_SQLITE.get(code & PRIMARY_CODE)):
        return said
    if isinstance(error, sqlite3.Error):
        return f"SQLite refused it with the code {code} (sqlite.org/rescode.html says what that means)."
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        return _NO_SESSION
    fitting = [begin for begin in _BY_SQLSTATE if state.startswith(begin)]
    if fitting:
        return _BY_SQLSTATE[max(fitting, key=len)]
    return f"its server refused with the code {state} (appendix A of PostgreSQL's documentation says what that means)."
