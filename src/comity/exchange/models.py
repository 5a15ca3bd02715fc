"""The tables of the room, gathered from its folders."""

from comity.exchange.duplicates.model import LikelyPair, Scan
from comity.exchange.handover.model import Handover

__all__ = ["Handover", "LikelyPair", "Scan"]
