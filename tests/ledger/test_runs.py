"""How the ledger keeps lists and objects: JSON, the same bytes whichever encoder writes it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from dialer.ledger.runs import compact_json

TEXTS = st.text() | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lu", "Zl"]))
VALUES = TEXTS | st.booleans() | st.none() | st.integers(-(2**53), 2**53)


@given(value=st.lists(TEXTS).map(tuple) | st.dictionaries(TEXTS, VALUES | st.lists(VALUES)))
def test_it_writes_what_the_standard_library_writes(value: object) -> None:
    """A row is recognised by the bytes of its cells, so no text may ever be written in another way: also no Unicode."""
    assert compact_json(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert json.loads(compact_json(value)) == (list(value) if isinstance(value, tuple) else value)
