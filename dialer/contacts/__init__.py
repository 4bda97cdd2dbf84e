"""A sheet in; contacts, and rows held back with the reason, out."""

from dialer.contacts.columns import Mapping, VariableColumn, resolve_columns
from dialer.contacts.contact import Contact, HeldBack, JudgedRow, SheetRow, judge_row
from dialer.contacts.loader import Loaded, load_contacts
from dialer.contacts.phones import Phone, PhoneProblem, read_phone
from dialer.contacts.sheets import Sheet, open_sheet
from dialer.contacts.suppression import load_suppressed

__all__ = [
    "Contact",
    "HeldBack",
    "JudgedRow",
    "Loaded",
    "Mapping",
    "Phone",
    "PhoneProblem",
    "Sheet",
    "SheetRow",
    "VariableColumn",
    "judge_row",
    "load_contacts",
    "load_suppressed",
    "open_sheet",
    "read_phone",
    "resolve_columns",
]
