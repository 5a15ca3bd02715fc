"""Finding records by words, fragments of phones and addresses, notes; only what the finder sees and may read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.access import policy
from comity.access.actors import Actor
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search import index, sources
from comity.search.cards import cards
from comity.search.consumer import TITLE, searchable
from comity.search.index import Sight
from comity.search.words import Reading, forgiving, indexable, readings, satisfied, spaced

ROUND = 100  # candidates taken from the index at once
ROUNDS = 4  # at most, where the finder may not read what they matched by
SPARE = 5  # cards read beyond the limit, for those that went into the trash a moment ago
FEW = 5  # fewer finds than this, and none by whole words of its title: slips and the wrong layout are tried as well


@dataclass(frozen=True)
class Hit:
    """A find.

    context   the line under the title
    matched   the field (or text source) it was found by, "title" for the title
    how       "exact" | "layout" (typed on another keyboard layout) | "fuzzy" (a slip forgiven)
    """

    ref: RecordRef
    title: str
    context: str
    matched: str
    how: str = "exact"


@dataclass(frozen=True)
class _Eye:
    type: RecordType
    parts: frozenset[str]


@dataclass(frozen=True)
class _Found:
    rank: tuple[int, str]
    matched: str
    how: str


def find(actor: Actor, query: str, type_keys: Sequence[str] | None = None, limit: int = 20) -> list[Hit]:
    """The records that have every word of the query, the best first; of all types or of those named.

    A word counts anywhere inside a word from three letters on, at the beginning of one from one letter on. Titles that
    begin with the query come first, then beginnings of words in titles, then of other words, then the rest.
    """
    eyes = _eyes(actor, type_keys)
    plain = readings(query)
    if not eyes or not plain:
        return []
    sight = index.sight(actor, [eye.type for eye in eyes.values()])
    found = _titles(sight, eyes, query, limit)
    _collect(sight, eyes, [("exact", one) for one in plain], query, found, limit)
    if len(found) < FEW and not _sure(found, plain):
        _collect(sight, eyes, forgiving(query), query, found, limit)
    best = sorted(found, key=lambda ref: found[ref].rank)[: limit + SPARE]
    shown = cards(actor, best)
    hits = [
        Hit(ref, shown[ref].title, shown[ref].context, found[ref].matched, found[ref].how)
        for ref in best
        if ref in shown
    ]
    return hits[:limit]


def _eyes(actor: Actor, type_keys: Sequence[str] | None) -> dict[str, _Eye]:
    """Per type what the actor may be answered from: readable searchable fields, the title, texts of other rooms."""
    found = {}
    texts = {source.key for source in sources.all_sources()}
    for key, record_type in ((one.key, one) for one in actor.state.types_on):
        if type_keys is not None and key not in type_keys:
            continue
        readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
        parts = texts | {spec.key for spec in searchable(record_type) if spec.key in readable}
        if readable >= set(record_type.title_fields):
            parts.add(TITLE)
        found[key] = _Eye(record_type, frozenset(parts))
    return found


def _titles(sight: Sight, eyes: Mapping[str, _Eye], query: str, limit: int) -> dict[RecordRef, _Found]:
    beginning = spaced(query).strip()
    if len(beginning) < 2:
        return {}
    rows = sight.by_title(beginning, limit)
    return {ref: _Found((0, title), TITLE, "exact") for ref, title in rows if TITLE in eyes[ref.type].parts}


def _collect(
    sight: Sight, eyes: Mapping[str, _Eye], ways: Iterable[tuple[str, Reading]], query: str,
    found: dict[RecordRef, _Found], limit: int,
) -> None:  # fmt: skip
    """Add what satisfies one of the ways by parts the actor reads; more rounds only while the test drops much."""
    usable = [(how, reading) for how, reading in ways if indexable(reading)]
    if not usable:
        return
    beginning, below = spaced(query).strip(), 0
    for _round in range(ROUNDS):
        rows = sight.candidates([reading for _how, reading in usable], below, ROUND)
        for row in rows:
            if row.ref in found:
                continue
            allowed = eyes[row.ref.type].parts
            parts = {key: text for key, text in row.parts.items() if key in allowed}
            judged = _judge(usable, parts, beginning)
            if judged:
                found[row.ref] = judged
        if len(rows) < ROUND or len(found) >= limit:
            return
        below = rows[-1].id


def _sure(found: Mapping[RecordRef, _Found], plain: Sequence[Reading]) -> bool:
    """Whether a title has all that was typed as whole words: then nobody meant another word."""
    titles = [f" {one.rank[1]} " for one in found.values()]
    return any(all(f" {token.word} " in title for token in reading) for reading in plain for title in titles)


def _judge(ways: Sequence[tuple[str, Reading]], parts: Mapping[str, str], beginning: str) -> _Found | None:
    for how, reading in ways:
        if satisfied(reading, parts.values()):
            title = parts.get(TITLE, "")
            first = reading[0]
            matched = next((key for key, text in parts.items() if first.within(text)), TITLE)
            if title.startswith(f" {beginning}"):
                rank = 0
            elif title and all(token.begins(title) for token in reading):
                rank = 1
            elif all(any(token.begins(text) for text in parts.values()) for token in reading):
                rank = 2
            else:
                rank = 3
            return _Found((rank + (4 if how == "fuzzy" else 0), title.strip()), matched, how)
    return None
