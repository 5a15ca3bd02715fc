"""A small company that sells, its past known by heart."""

from typing import Any

import pytest


@pytest.fixture
def shop(db: None, stopped_clock: Any) -> Any:
    """Six deals of the spring of 2026; it is 10 March."""
    from support.selling import open_shop

    return open_shop()


@pytest.fixture
def inquiries(shop: Any) -> Any:
    """The same with five leads of February."""
    from support.selling import lead

    lead(shop.boss, "A", "02-02", "converted", "website", due=60, took=30, owner=shop.ann.user_id)
    lead(shop.boss, "B", "02-03", "refused", "website", due=60, took=90, owner=shop.ann.user_id)
    lead(shop.boss, "C", "02-28T23:30", "new", "website", due=60)
    lead(shop.boss, "D", "02-05", "qualified", "fair", due=60, took=60)
    lead(shop.boss, "E", "02-05", "working", "", owner=shop.ann.user_id)
    return shop
