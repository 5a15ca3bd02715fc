"""How long a look through a whole base for likely pairs takes, and how much memory: on a base that is there already."""

import resource
from dataclasses import dataclass
from time import monotonic

from comity.access import policy
from comity.access.actors import system
from comity.changes.bus import run
from comity.exchange.duplicates import scan
from comity.exchange.duplicates.model import LikelyPair, Scan


@dataclass(frozen=True)
class Looked:
    """What a look took: cards and pairs, seconds, the process's most memory in MB."""

    cards: int
    pairs: int
    seconds: float
    memory: int


def look_through(type_key: str = "person") -> Looked:
    """Look through the cards of a type, from the keys on; it writes into the base it runs on."""
    house = system("bench")
    begun = run(house, scan.StartScan(type_key)).data["scan"]
    start = monotonic()
    scan.run_scan(Scan.objects.get(pk=begun).pk)
    seconds = monotonic() - start
    pairs = LikelyPair.objects.filter(type_key=type_key, state="open").count()
    cards = policy.visible(house, house.state.record_types[type_key]).count()
    return Looked(cards, pairs, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
