"""The world of the leak tests, made once for the tests of a file."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Who looks, what is his, and what is hidden from him (leaks.world.World)."""
    from leaks.world import KEYS, build, hide
    from support.held import held
    from support.house import small_house

    with held(django_db_blocker):
        world = build(small_house(), KEYS)
        hide(world)
        yield world


@pytest.fixture
def world(made: Any, db: None) -> Any:
    """The same for one test: what that one does is taken back."""
    return made
