"""The tree of errors is as its docstring draws it."""

import inspect
import re

from dialer import errors
from dialer.errors import DialerError


def drawn() -> dict[str, str]:
    """Read the drawing: each class with its parent."""
    parents: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in inspect.getdoc(errors).splitlines() if inspect.getdoc(errors) else []:  # type: ignore[union-attr]
        match = re.match(r"^( *)((?:[│├└─ ]{4})*)([A-Z][A-Za-z]+)(?: {2}|$)", line)
        if match is None or not hasattr(errors, match[3]):
            continue
        depth = len(match[2]) // 4
        above[depth] = match[3]
        if depth:
            parents[match[3]] = above[depth - 1]
    return parents


def test_the_drawing_is_the_tree() -> None:
    """Every error stands in the drawing under the class it derives from, and nothing else does."""
    classes = [
        value for value in vars(errors).values() if inspect.isclass(value) and value.__module__ == errors.__name__
    ]
    tree = {kind.__name__: kind.__bases__[0].__name__ for kind in classes if kind is not DialerError}

    assert len(tree) > 5
    assert drawn() == tree


def test_every_error_says_what_it_means() -> None:
    """Each class has a sentence of its own."""
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]

    assert all(issubclass(kind, DialerError) for kind in classes)
    assert len({kind.__doc__ for kind in classes}) == len(classes)
