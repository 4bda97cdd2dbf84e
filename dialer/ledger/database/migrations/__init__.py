"""Brings a ledger that an earlier program wrote to the tables of this one: numbered steps, forward only.

A step is frozen with the tables it makes: what `schema` says later never changes it. It takes a ledger of any earlier
shape of its version. All steps and the new version are one transaction, so a kill leaves the ledger as it was.

No copy of the file is made before. It would hold people's data where no purge looks for it, and a ledger of version 1
bears no mark by which the copy guard would know the copy: run by mistake, it would ring everybody called since.
"""

from importlib import import_module

from sqlalchemy import Connection, inspect, select, update

from dialer.ledger.database.schema import meta

STEPS = range(2, 10)
"""The versions that there are steps to: each takes the version before it, and is imported where one is taken."""

_VERSION = meta.c.name == "schema_version"


def stored_version(tx: Connection) -> int | str | None:
    """Return the version of the ledger's tables: None where there are none, text where it is no version of ours.

    Ledgers exist that call themselves version 3 and lack some of its tables. Such a ledger counts as version 2, and the
    step to 3 completes it.
    """
    if not inspect(tx).has_table(meta.name):
        return None
    text = tx.scalar(select(meta.c.value).where(_VERSION))
    if text is None or not text.isdecimal():
        return text
    return int(text) if text != "3" or _is_complete_3(tx) else 2


def migrate(tx: Connection) -> None:
    """Take every step that the ledger has not taken yet, storing the version that each one reaches."""
    version = stored_version(tx)
    for number in STEPS:
        if isinstance(version, int) and number > version:
            import_module(f"{__name__}.version_{number}").step(tx)
            tx.execute(update(meta).where(_VERSION).values(value=str(number)))


def _is_complete_3(tx: Connection) -> bool:
    """Return whether a ledger that says version 3 has the column that came last."""
    return any(column["name"] == "is_mended" for column in inspect(tx).get_columns("contacts"))
