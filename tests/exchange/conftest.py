"""Two cards of one client, and everything that may hang on them."""

from typing import Any

import pytest


@pytest.fixture
def world(boss: Any) -> Any:
    """See support.merging."""
    from support.merging import two_of_one

    return two_of_one(boss)
