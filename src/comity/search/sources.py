"""Texts that rooms above hang on records and want found with them (notes): read by whoever sees the card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

Texts = Callable[[str, Sequence[UUID]], Mapping[UUID, str]]


@dataclass(frozen=True)
class Source:
    """A kind of text: `texts(type key, record ids)` gives it for many records in a fixed number of queries."""

    key: str
    texts: Texts
    events: tuple[str, ...]  # beginnings of the event types after which it may have changed


_sources: dict[str, Source] = {}


def register(key: str, texts: Texts, events: Sequence[str]) -> None:
    """Make a source known; `key` names the part of the document it fills and is no field's key."""
    if key in _sources:
        raise ValueError(f"Text source {key} exists already")
    _sources[key] = Source(key, texts, tuple(events))


def unregister(key: str) -> None:
    """Forget a source: for the fake room of the tests."""
    _sources.pop(key, None)


def all_sources() -> tuple[Source, ...]:
    """Every registered source."""
    return tuple(_sources.values())
