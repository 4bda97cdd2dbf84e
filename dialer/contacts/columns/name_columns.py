"""Decides which columns hold the person's name, whole or in two parts. Pure."""

from collections.abc import Sequence

from dialer.sheets.header_names import ALIASES, normalise

_FAMILY_NAME_WITH = {
    normalise(whole): frozenset(map(normalise, parts))
    for whole, parts in (("Name", ["Vorname", "Rufname"]), ("Nom", ["Prénom"]), ("Naam", ["Voornaam"]))
}
"""Headers that mean the whole name alone, and the family name beside one of these."""

_GIVEN_NAME_WITH = {
    normalise(whole): frozenset(map(normalise, parts))
    for whole, parts in (
        ("Nombre", ["Apellido", "Apellidos"]),
        ("Nome", ["Cognome", "Sobrenome", "Apelido"]),
    )
}
"""Headers that mean the whole name alone, and the given name beside one of these."""


def name_columns(header: Sequence[str], whole: Sequence[int], free: Sequence[int]) -> list[tuple[int, ...]]:
    """List the ways in which the columns *free* could give a name: one is certain, none or several are unclear.

    *whole* are the columns known to hold a whole name. A given and a family name are joined only where no column holds
    the whole.
    """
    forms = {index: normalise(header[index]) for index in free}
    given = [index for index, form in forms.items() if form in ALIASES["first_name"]]
    family = [index for index, form in forms.items() if form in ALIASES["last_name"]]
    if len(whole) == 1:
        form = normalise(header[whole[0]])
        if len(given) == 1 and not family and forms[given[0]] in _FAMILY_NAME_WITH.get(form, ()):
            return [(given[0], whole[0])]
        if len(family) == 1 and not given and forms[family[0]] in _GIVEN_NAME_WITH.get(form, ()):
            return [(whole[0], family[0])]
    if whole:
        return [(index,) for index in whole]
    return [(first, last) for first in given for last in family]
