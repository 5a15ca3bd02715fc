"""Rows and cards that are drawn once: what is kept never shows what is not so any more, nor what another may see."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.snapshot import changed, snapshot
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.identity.models import User
from comity.ui.drawn import Drawn
from support import board
from support.acts import update
from support.browser import browser
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db


def shown(actor: Actor, path: str) -> str:
    """The rows or cards of a page."""
    text = unescape(browser(again(actor)).get(path).content.decode())
    return "".join(re.findall(r"<tr data-id.*?</tr>|<article.*?</article>", text, re.S))


def test_the_second_time_nothing_is_drawn_and_all_is_the_same(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    person(boss, "Ada", "Dale", phones=[{"value": "+49 30 111111"}])
    board.deal(boss, "Pumps")
    first = [shown(boss, path) for path in ("/people/", "/deals/board?view=all")]
    assert all(first)
    monkeypatch.setattr("comity.ui.drawn._end", None)  # is asked for whatever is drawn
    assert [shown(boss, path) for path in ("/people/", "/deals/board?view=all")] == first


def test_a_linked_card_shows_to_whom_may_see_it_only(boss: Actor) -> None:
    client = company(boss, "Secret Works")
    guest = colleague("guest", "own")
    person(boss, "Ada", "Dale", company=str(client.id), owner=str(guest.user_id))
    board.deal(boss, "Pumps", company=str(client.id), owner=str(guest.user_id))
    for path in ("/people/?view=all", "/deals/board?view=all"):
        for _again in range(2):
            assert "Secret Works" in shown(boss, path)
            assert shown(guest, path) and "Secret Works" not in shown(guest, path)
    update(again(boss), client, owner=str(guest.user_id))
    assert all("Secret Works" in shown(guest, path) for path in ("/people/?view=all", "/deals/board?view=all"))


def test_what_changes_shows_at_once(boss: Actor) -> None:
    client = company(boss, "Old Name")
    ref = person(boss, "Ada", "Dale", company=str(client.id), phones=[{"value": "+49 30 111111"}])
    board.deal(boss, "Pumps", company=str(client.id))
    assert "Old Name" in shown(boss, "/people/") and "Old Name" in shown(boss, "/deals/board?view=all")
    update(boss, client, name="New Name")
    for path in ("/people/", "/deals/board?view=all"):
        assert "New Name" in shown(boss, path) and "Old Name" not in shown(boss, path)
    assert "111111" in shown(boss, "/people/").replace(" ", "")
    update(boss, ref, phones=[{"value": "+49 30 222222"}])
    assert "222222" in shown(boss, "/people/").replace(" ", "")
    assert "111111" not in shown(boss, "/people/").replace(" ", "")


def test_a_step_is_late_the_moment_it_is(boss: Actor, stopped_clock: Any) -> None:
    ref = board.deal(boss, "Pumps")
    board.step(ref, stopped_clock.now + timedelta(minutes=30))
    for path in ("/deals/board?view=all", "/deals/"):
        assert "pill now" in shown(boss, path)
    stopped_clock.tick(minutes=31)
    for path in ("/deals/board?view=all", "/deals/"):
        assert "pill bad" in shown(boss, path) and "pill now" not in shown(boss, path)
    stopped_clock.tick(minutes=-31)  # a clock put right
    assert "pill now" in shown(boss, "/deals/board?view=all")


def test_tomorrow_is_another_day(boss: Actor, stopped_clock: Any) -> None:
    ref = board.deal(boss, "Pumps")
    board.step(ref, stopped_clock.now + timedelta(days=1))
    assert "pill now" not in shown(boss, "/deals/board?view=all")
    stopped_clock.tick(hours=23)
    assert "pill now" in shown(boss, "/deals/board?view=all")


def test_each_reader_has_his_language_zone_and_rights(boss: Actor, stopped_clock: Any) -> None:
    far = administrator("Far", language="ar", timezone="Asia/Tokyo")
    masked = colleague("masked", "all", {"person": {"phones": "mask"}})
    person(boss, "Ada", "Dale", phones=[{"value": "+49 30 111111"}])
    board.step(board.deal(boss, "Pumps"), stopped_clock.now + timedelta(days=1))
    assert "111111" in shown(boss, "/people/").replace(" ", "")
    assert "111111" not in shown(masked, "/people/").replace(" ", "")
    assert shown(boss, "/deals/board?view=all") != shown(far, "/deals/board?view=all")


def test_a_colleagues_new_name_shows(boss: Actor) -> None:
    person(boss, "Ada", "Dale")
    board.deal(boss, "Pumps")
    mine = User.objects.get(pk=boss.user_id)
    assert mine.name in shown(boss, "/deals/board?view=all")
    User.objects.filter(pk=mine.pk).update(name="Renamed Boss")
    changed()
    assert "Renamed Boss" in shown(boss, "/deals/board?view=all")


def test_what_is_kept_has_an_end(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.ui.drawn.KEPT", 3)
    for number in range(12):
        person(boss, f"Ada{number}", "Dale")
    first = shown(boss, "/people/")
    kept = Drawn.of(snapshot())
    assert len(kept._young) + len(kept._old) <= 24
    assert shown(boss, "/people/") == first
    run(again(boss), Update("person", person(boss, "Zoe", "Dale").id, 1, {"family_name": "Vale"}))
    assert "Vale" in shown(boss, "/people/")


def test_two_looks_that_come_at_a_time_are_kept_apart(boss: Actor, stopped_clock: Any) -> None:
    drawn, row = Drawn(), {"id": boss.user_id}

    def shows(look: Any, text: str) -> str:
        return drawn.each(boss, look, stopped_clock.now, [row], lambda row: None, lambda row: text)[0]

    class Between:
        """A look that is asked for while that of somebody else is being made known."""

        asked = False

        def __hash__(self) -> int:
            if not self.asked:
                self.asked = True
                assert shows("clear", "+49 30 111111") == "+49 30 111111"
            return 1

    look = Between()
    assert shows(look, "masked") == "masked"
    assert shows("clear", "drawn anew") == "+49 30 111111" and shows(look, "drawn anew") == "masked"
