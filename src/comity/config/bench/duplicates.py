"""How long a look through a whole base for likely pairs takes, and how much memory: on a base that is there already.

Processor time is told beside the time on the clock: on a machine that others work on too, that is what can be compared.
"""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time

from comity.access import policy
from comity.access.actors import system
from comity.changes.bus import run
from comity.config.bench.figures import Figure
from comity.exchange.duplicates import scan
from comity.exchange.duplicates.model import LikelyPair, Scan

CARD_MS = 0.6  # that is 1,000,000 people in ten minutes
MEMORY_MB = 400
STATUS, CLEAR, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs"), "5"


@dataclass(frozen=True)
class Looked:
    """What a look took: cards and pairs, seconds, those of the processor, what it added to the memory in MB."""

    cards: int
    pairs: int
    seconds: float
    cpu: float
    memory: int


def figures(type_key: str = "person") -> list[Figure]:
    """The figures of a look, a card each."""
    look = look_through(type_key)
    a_card = 1000 / look.cards
    return [
        Figure("duplicates, a card", round(look.seconds * a_card, 3), CARD_MS, "ms", cpu=round(look.cpu * a_card, 3)),
        Figure("duplicates, pairs found", look.pairs, None, ""),
        Figure("duplicates, memory more", look.memory, MEMORY_MB, "MB"),
    ]


def look_through(type_key: str = "person") -> Looked:
    """Look through the cards of a type, from the keys on; it writes into the base it runs on."""
    house = system("bench")
    begun = run(house, scan.StartScan(type_key)).data["scan"]
    CLEAR.write_text(PEAK)
    start, cpu, memory = monotonic(), process_time(), _memory("VmRSS")
    scan.run_scan(Scan.objects.get(pk=begun).pk)
    seconds, cpu = monotonic() - start, process_time() - cpu
    pairs = LikelyPair.objects.filter(type_key=type_key, state="open").count()
    cards = policy.visible(house, house.state.record_types[type_key]).count()
    return Looked(cards, pairs, seconds, cpu, _memory("VmHWM") - memory)


def _memory(name: str) -> int:
    """What this process holds (VmRSS), or has held at most since the peak was forgotten (VmHWM), in MB."""
    line = next(one for one in STATUS.read_text().splitlines() if one.startswith(f"{name}:"))
    return int(line.split()[1]) // 1024
