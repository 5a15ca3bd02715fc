"""The leak matrix once more, for a snooper who sees the cards of his team."""

import pytest

from comity.access.actors import Actor
from leaks.test_matrix import leaks
from leaks.world import KEYS, build, hide


@pytest.mark.full
def test_no_surface_tells_who_sees_his_team(boss: Actor) -> None:
    """The other form of SQL: he sees so many cards that lists walk the order, and test each row."""
    world = build(boss, KEYS, "team")
    hide(world)
    found = list(leaks(world))
    assert not found, "\n".join(found)
