"""A sheet in; contacts, and rows held back with the reason, out."""

from dialer.contacts.columns import Question, UnclearColumns, resolve_columns
from dialer.contacts.contact import Contact, HeldBack, JudgedRow, SheetRow, judge_row
from dialer.contacts.loader import Judge, Loaded, load_contacts
from dialer.contacts.mapping import Mapping, VariableColumn
from dialer.contacts.phones import Phone, PhoneProblem, read_phone
from dialer.contacts.sheets import Sheet, open_sheet
from dialer.contacts.suppression import load_suppressed

__all__ = [
    "Contact",
    "HeldBack",
    "Judge",
    "JudgedRow",
    "Loaded",
    "Mapping",
    "Phone",
    "PhoneProblem",
    "Question",
    "Sheet",
    "SheetRow",
    "UnclearColumns",
    "VariableColumn",
    "judge_row",
    "load_contacts",
    "load_suppressed",
    "open_sheet",
    "read_phone",
    "resolve_columns",
]
