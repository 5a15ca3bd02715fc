"""The bell's addresses."""

import pytest

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.notices.models import Notice
from support.browser import browser
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


def test_the_list_the_number_and_following(boss: Actor) -> None:
    anna, boris = colleague("Anna", language="en"), colleague("Boris", language="en")
    ref = company(boss, "Лотос <b>", owner=str(anna.user_id))
    company(boss, "Чужая", owner=str(boris.user_id))
    dispatcher.drain()
    page = browser(anna)
    assert ">1<" in page.get("/notices?count=1").content.decode()
    for headers in ({}, FRAGMENT):
        text = page.get("/notices", headers=headers).content.decode()
        assert "Лотос &lt;b&gt;" in text
        assert "Boss made you responsible for this card" in text
        assert "Чужая" not in text
    mine, other = Notice.objects.get(user_id=anna.user_id), Notice.objects.get(user_id=boris.user_id)
    assert page.get(f"/notices/{other.id}").status_code == 404
    answer = page.get(f"/notices/{mine.id}")
    assert (answer.status_code, answer["Location"]) == (302, f"/companies/{ref.id}")
    assert ">1<" not in page.get("/notices?count=1").content.decode()
    run(again(boss), Update("company", ref.id, 0, {"owner": str(boss.user_id)}))
    assert "Лотос" not in page.get("/notices").content.decode()
    assert page.get(f"/notices/{mine.id}").status_code == 404


def test_an_opened_card_is_read_once_its_page_is_shown(boss: Actor) -> None:
    anna = colleague("Anna", language="en")
    ref, other = (company(boss, name, owner=str(anna.user_id)) for name in ("Лотос", "Вега"))
    dispatcher.drain()
    page = browser(anna)
    mark = f'name="card" value="company:{ref.id}"'
    for _fetched_ahead in range(2):
        assert mark in page.get(f"/companies/{ref.id}").content.decode()
    assert Notice.objects.filter(user_id=anna.user_id, read_at=None).count() == 2
    answer = page.post("/notices/read", {"card": f"company:{ref.id}"}, headers=FRAGMENT).content.decode()
    assert ">1<" in answer
    assert Notice.objects.get(user_id=anna.user_id, read_at=None).record_id == other.id
    assert mark not in page.get(f"/companies/{ref.id}").content.decode()
    assert page.post("/notices/read", {"card": "company:nonsense"}).status_code == 404


def test_looking_through_a_colleagues_eyes_reads_nothing(boss: Actor) -> None:
    anna = colleague("Anna", language="en")
    ref = company(boss, "Лотос", owner=str(anna.user_id))
    dispatcher.drain()
    page = browser(boss)
    page.post(f"/settings/people/{anna.user_id}/do/see-as")
    shown = page.get(f"/companies/{ref.id}").content.decode()
    assert ">1<" in shown
    assert 'name="card"' not in shown
    assert Notice.objects.filter(user_id=anna.user_id, read_at=None).exists()


def test_everything_read(boss: Actor) -> None:
    anna = colleague("Anna", language="en")
    for number in range(3):
        company(boss, f"Фирма {number}", owner=str(anna.user_id))
    dispatcher.drain()
    page = browser(anna)
    assert page.get("/notices/read").status_code == 405
    answer = page.post("/notices/read", headers=FRAGMENT).content.decode()
    assert 'id="bell" hx-swap-oob' in answer
    assert not Notice.objects.filter(read_at=None).exists()
    assert page.post("/notices/read").status_code == 302


def test_a_kind_is_switched_off_by_asking(boss: Actor) -> None:
    anna = colleague("Anna", language="en")
    page = browser(anna)
    assert page.get("/notices/off/nothing").status_code == 404
    assert page.get("/notices/off/assigned").status_code == 200
    assert "notices" not in again(anna).member.prefs
    assert page.post("/notices/off/assigned").status_code == 302
    assert again(anna).member.prefs["notices"] == {"assigned": False}
    company(boss, "Лотос", owner=str(anna.user_id))
    dispatcher.drain()
    assert not Notice.objects.exists()
