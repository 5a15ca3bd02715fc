"""The tables of the room, gathered from its folders."""

from comity.exchange.duplicates.model import LikelyPair, Scan

__all__ = ["LikelyPair", "Scan"]
