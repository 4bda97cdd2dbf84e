"""Words for people that a number decides."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return *count* with its noun: `1 call`, `1,234 calls`; *many* is the plural where it is not *one* and an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
