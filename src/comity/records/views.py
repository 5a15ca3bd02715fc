"""The keys of the views every list comes with; what each filters by is known to the rooms that show them."""

ALL, MINE = "all", "mine"
_own: dict[str, tuple[str, ...]] = {}


def set_built_in(type_key: str, keys: tuple[str, ...]) -> None:
    """Give a type built-in views of its own instead of ALL and MINE.

    One of them is ALL and leaves nothing out: "Clear filters" leads there. Raises ValueError without it.
    """
    if ALL not in keys:
        raise ValueError(f"The views of {type_key} need one that leaves nothing out")
    _own[type_key] = keys


def built_in(type_key: str) -> tuple[str, ...]:
    """The keys of a type's built-in views, in order."""
    return _own.get(type_key, (ALL, MINE))
