"""Modules: parts of the product a company switches on and off. A room declares its own; here alone it is decided what
is off.

What belongs to a module is told by where it is written: pages, menu lines, panels, settings, kinds of cards, notices
that come from one of its packages go with it. Data stays, and the house itself goes on keeping it true.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comity.records.types import RecordType


@dataclass(frozen=True)
class Module:
    """A part of the product.

    packages   the Python packages that hold it; the longest that fits decides
    own_types  whether the kinds of cards an administrator makes belong to it
    needs      modules it cannot do without: it is off where one of them is
    text       one sentence: what it is for
    """

    key: str
    label: Callable[[], str]
    text: Callable[[], str]
    packages: tuple[str, ...]
    order: int
    own_types: bool = False
    needs: frozenset[str] = frozenset()


_modules: dict[str, Module] = {}


def add(module: Module) -> Module:
    """Make a module known; a key is registered once."""
    if module.key in _modules:
        raise ValueError(f"Module {module.key} exists already")
    _modules[module.key] = module
    return module


def every() -> list[Module]:
    """All modules, in their order."""
    return sorted(_modules.values(), key=lambda one: one.order)


def module_of(name: str) -> str:
    """The key of the module a Python module belongs to; "" = of the core, which is always there."""
    found = [
        (package, one.key) for one in _modules.values() for package in one.packages
        if name == package or name.startswith(f"{package}.")
    ]  # fmt: skip
    return max(found, key=lambda pair: len(pair[0]))[1] if found else ""


class Off:
    """What is switched off, out of the company's wish."""

    def __init__(self, wished: Iterable[str]) -> None:
        self.wished = frozenset(wished)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The modules that are off: those wished, and those that need one of them."""
        off = self.wished & _modules.keys()
        while more := {one.key for one in _modules.values() if one.needs & off} - off:
            off = off | more
        return off

    @cached_property
    def _known(self) -> dict[str, bool]:
        return {}

    def hides(self, thing: Any) -> bool:
        """Whether a view, a registered function, a class comes from a module that is off."""
        if not self.wished:
            return False
        name = getattr(thing, "__module__", "") or ""
        held = self._known.get(name)
        if held is None:
            held = self._known[name] = module_of(name) in self.keys
        return held

    def hides_type(self, record_type: RecordType) -> bool:
        """Whether a kind of cards belongs to a module that is off."""
        if record_type.own:
            return any(one.own_types for key, one in _modules.items() if key in self.keys)
        return self.hides(record_type.model)


def added_from(item: Any) -> Any:
    """The function that tells where something registered comes from."""
    return getattr(item, "load", None) or item.label
