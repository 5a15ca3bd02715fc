"""The test harness itself: the engine asked for is the one used, and nothing touches a real installation."""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from comity.kernel import clock


@pytest.mark.django_db
def test_the_engine_asked_for_is_the_one_used(engine):
    assert connection.vendor == engine
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_home_is_a_temporary_folder():
    assert "comity-test-" in str(settings.HOME)
    assert os.environ["COMITY_HOME"] == str(settings.HOME)


def test_the_clock_stands_still_and_moves_when_told(stopped_clock):
    first = clock.now()
    assert clock.now() == first
    stopped_clock.tick(hours=1)
    assert clock.now() - first == timedelta(hours=1)


@pytest.mark.browser
def test_the_browser_renders(page):
    page.set_content("<h1>مرحبا</h1>")
    assert page.inner_text("h1") == "مرحبا"
