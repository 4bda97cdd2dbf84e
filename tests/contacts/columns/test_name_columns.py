"""A name in two columns is joined, and a header that means the whole name in one language and half of it in another is
told apart by its neighbour.
"""

import pytest

from dialer.campaign.tables import Contacts
from dialer.contacts.columns.column_questions import UnclearColumns
from dialer.contacts.resolve_columns import resolve_columns


def _names(*header: str) -> tuple[str, ...]:
    mapping = resolve_columns((*header, "phone"), Contacts(), where="sheet.csv")
    return tuple(mapping.header[index] for index in mapping.names)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (("First Name", "Last Name"), ("First Name", "Last Name")),
        (("SURNAME", "given_name"), ("given_name", "SURNAME")),
        (("Vorname", "Nachname"), ("Vorname", "Nachname")),
        (("Name", "Vorname"), ("Vorname", "Name")),
        (("Nom", "Pr\u00e9nom"), ("Pr\u00e9nom", "Nom")),
        (("Voornaam", "Naam"), ("Voornaam", "Naam")),
        (("Nombre", "Apellidos"), ("Nombre", "Apellidos")),
        (("Cognome", "Nome"), ("Nome", "Cognome")),
        (("Nome", "Sobrenome"), ("Nome", "Sobrenome")),
        (("Full name", "First name", "Last name"), ("Full name",)),
        (("Name", "Last name"), ("Name",)),
        (("Nombre",), ("Nombre",)),
    ],
)
def test_names_are_whole_or_joined(header: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Given name first, whatever the order of the columns; a column with the whole name is enough."""
    assert _names(*header) == names


@pytest.mark.parametrize("header", [("First name",), ("Surname",), ("Full name", "Customer name"), ()])
def test_half_a_name_is_asked_about(header: tuple[str, ...]) -> None:
    """Half a name, two whole ones and none are questions."""
    with pytest.raises(UnclearColumns) as caught:
        _names(*header)
    assert [question.field for question in caught.value.questions] == ["name"]
