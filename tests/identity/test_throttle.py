"""Guessing is slowed down per name and per address."""

from typing import Any

import pytest

from comity.identity import throttle
from comity.identity.models import LoginFailure
from comity.kernel.errors import TooMany

pytestmark = pytest.mark.django_db


def test_the_sixth_try_of_a_name_waits(stopped_clock: Any) -> None:
    for number in range(throttle.PER_NAME):
        throttle.attempt("anna@example.com", f"192.0.2.{number}")
        stopped_clock.tick(minutes=1)
    with pytest.raises(TooMany) as stopped:
        throttle.attempt("ANNA@example.com ", "192.0.2.99")
    assert "10" in str(stopped.value.todo)
    assert stopped.value.retry_after == 600
    throttle.attempt("boris@example.com", "192.0.2.99")
    stopped_clock.tick(minutes=10)
    throttle.attempt("anna@example.com", "192.0.2.99")


def test_an_address_may_try_many_names_but_not_for_ever(stopped_clock: Any) -> None:
    for number in range(throttle.PER_ADDRESS):
        throttle.attempt(f"user{number}@example.com", "192.0.2.1")
    with pytest.raises(TooMany):
        throttle.attempt("another@example.com", "192.0.2.1")
    throttle.attempt("another@example.com", "192.0.2.2")


def test_a_right_password_forgets_the_wrong_ones(stopped_clock: Any) -> None:
    for _round in range(30):
        throttle.attempt("anna@example.com", "192.0.2.1")
        throttle.succeeded("anna@example.com", "192.0.2.1")
    assert not LoginFailure.objects.exists()


def test_old_tries_are_swept_away(stopped_clock: Any) -> None:
    throttle.attempt("anna@example.com", "192.0.2.1")
    stopped_clock.tick(minutes=16)
    throttle.attempt("boris@example.com", "")
    assert LoginFailure.objects.count() == 1
