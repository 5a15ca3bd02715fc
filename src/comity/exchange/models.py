"""The tables of the room, gathered from its folders."""

from comity.exchange.duplicates.model import LikelyPair, Scan
from comity.exchange.exports.model import Export
from comity.exchange.handover.model import Handover
from comity.exchange.imports.model import ExternalKey, Import, ImportRow
from comity.exchange.keeping.model import KeepingCount, KeepingMark, KeepingRule, TrashTerm

__all__ = [
    "Export", "ExternalKey", "Handover", "Import", "ImportRow", "KeepingCount", "KeepingMark", "KeepingRule",
    "LikelyPair", "Scan", "TrashTerm",
]  # fmt: skip
