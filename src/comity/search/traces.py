"""What search keeps of a card, taken away with it; the cards that named it are read anew."""

from comity.access.actors import system
from comity.changes.traces import Holder, Traces, by_type, deleting, register
from comity.search import consumer
from comity.search.models import DuplicateKey, SearchDoc


def _documents(traces: Traces) -> int:
    """The card's own go; those of cards that point to it are made of their texts as they are now."""
    number = int(traces.hanging(SearchDoc).delete()[0])
    house = system("search")
    for type_key, ids in by_type(traces.near).items():
        consumer.write(house, house.state.record_types[type_key], ids)
    return number


register(Holder("search", _documents, lambda traces: int(traces.hanging(SearchDoc).count()), last=True))
register(deleting("duplicate_keys", lambda traces: traces.hanging(DuplicateKey)))
