"""Lists of values changed by clicks: shipped ones renamed, retired and ordered, own ones added; what fields offer."""

import re
from typing import Any

import pytest
from django.test import Client

from comity.access import snapshot
from comity.access.actors import Actor, user_actor
from comity.access.models import Role
from comity.changes import options as commands
from comity.changes.bus import run
from comity.changes.options import OrderOption, RetireOption, SaveOption
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records import options
from comity.records.fields import option
from comity.records.labels import Label
from comity.records.models import Option
from comity.timeline.models import Event

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LIST = "lost_reason"


@pytest.fixture
def boss(users: dict[str, Any]) -> Actor:
    return user_actor(users["root"])


def do(actor: Actor, command: Any) -> Any:
    assert actor.user_id
    return run(user_actor(actor.user_id), command)


def text(response: Any) -> str:
    return str(response.content.decode())


def offered(key: str = LIST) -> list[str]:
    return [one.key for one in snapshot.snapshot().options[key] if not one.retired]


def value(key: str, name: str = LIST) -> Any:
    return next(one for one in snapshot.snapshot().options[name] if one.key == key)


def last_event() -> Event:
    return Event.objects.order_by("-id")[0]


def test_every_list_the_company_may_change_has_a_page(root: Client) -> None:
    page = text(root.get("/settings/lists"))
    for one in options.all_lists():
        answer = root.get(f"/settings/lists/{one.key}")
        assert (answer.status_code == 200) == (one.load is None), one.key
        assert (f'"/settings/lists/{one.key}"' in page) == (one.load is None), one.key
    assert "Why lost" in page  # the field it is chosen in


def test_lists_are_not_there_without_the_right(mira: Client, users: dict[str, Any]) -> None:
    assert mira.get("/settings/lists").status_code == 404
    assert mira.get(f"/settings/lists/{LIST}").status_code == 404
    assert mira.post(f"/settings/lists/{LIST}/do/retire?key=price").status_code == 404
    actor = user_actor(users["mira"])
    for command in (
        SaveOption(LIST, "", {"label": {"en": "Weather"}}), SaveOption(LIST, "price", {"label": {"en": "Cost"}}),
        RetireOption(LIST, "price"), OrderOption(LIST, "price", 1),
    ):  # fmt: skip
        with pytest.raises(Refused):
            do(actor, command)
    assert not Option.objects.exists()


def test_who_holds_the_permit_adds_a_competitor(users: dict[str, Any]) -> None:
    role = Role.objects.get(key="manager")
    role.permits = [*role.permits, "settings"]
    role.save()
    snapshot.changed()
    made = do(user_actor(users["mira"]), SaveOption("competitor", "", {"label": {"en": "North Lamps"}}))
    assert made.data["option"] == "own_north_lamps"
    assert offered("competitor") == ["own_north_lamps"]


def test_a_shipped_value_gets_another_name_and_colour(root: Client) -> None:
    before = offered()
    given = {"label-en": "Too dear", "label-ru": "Дорого", "hue": "4"}
    assert root.post(f"/settings/lists/{LIST}/do/value?key=price", given).status_code == 302
    assert offered() == before
    assert (value("price").label["ru"], value("price").hue) == ("Дорого", 4)
    assert snapshot.snapshot().record_types["deal"].spec("lost_reason").choice("price").label["en"] == "Too dear"
    event = last_event()
    assert event.payload["name"]["en"] == "Why deals are lost: Too dear"
    assert event.payload["changes"]["label"][0]["en"] == "Price"
    audit = text(root.get("/settings/audit"))
    assert "Too dear" in audit
    assert "Price" in audit


def test_saving_what_was_shipped_as_it_is_writes_nothing(root: Client) -> None:
    given = {f"label-{code}": one for code, one in value("price").label.texts.items()} | {"hue": "0"}
    assert root.post(f"/settings/lists/{LIST}/do/value?key=price", given).status_code == 302
    assert not Option.objects.exists()
    assert not Event.objects.filter(type="setting.changed", payload__setting="option").exists()


def test_an_own_value_is_added_last_and_keeps_its_key(root: Client, boss: Actor) -> None:
    root.post(f"/settings/lists/{LIST}/do/value", {"label-en": "Weather", "hue": "3"})
    assert offered()[-1] == "own_weather"
    root.post(f"/settings/lists/{LIST}/do/value?key=own_weather", {"label-en": "Storm", "hue": "3"})
    assert (offered()[-1], value("own_weather").label["en"]) == ("own_weather", "Storm")
    assert do(boss, SaveOption(LIST, "", {"label": {"en": "Weather"}})).data["option"] == "own_weather_2"


def test_a_retired_value_is_offered_no_more_and_comes_back(root: Client) -> None:
    root.post(f"/settings/lists/{LIST}/do/retire?key=price")
    assert "price" not in offered()
    assert value("price").label["en"] == "Price"  # cards that have it still tell it
    assert "Retired values" in text(root.get(f"/settings/lists/{LIST}"))
    root.post(f"/settings/lists/{LIST}/do/restore?key=price")
    assert offered()[0] == "price"


def test_a_list_that_began_with_values_keeps_one(boss: Actor) -> None:
    for key in offered()[1:]:
        do(boss, RetireOption(LIST, key))
    with pytest.raises(Invalid):
        do(boss, RetireOption(LIST, "price"))
    assert offered() == ["price"]
    key = do(boss, SaveOption("competitor", "", {"label": {"en": "Acme"}})).data["option"]
    do(boss, RetireOption("competitor", key))
    assert offered("competitor") == []


def test_values_go_up_and_down(root: Client, boss: Actor) -> None:
    before = offered()
    answer = root.post(f"/settings/lists/{LIST}/do/down?key={before[0]}")
    assert offered() == [before[1], before[0], *before[2:]]
    assert Option.objects.count() == 2  # those two alone became the company's own
    page = text(root.get(answer["Location"]))
    assert re.search(rf'do/down\?key={before[0]}"[^>]*><button[^>]* autofocus', page)
    do(boss, OrderOption(LIST, before[1], -1))
    assert offered()[0] == before[1]
    do(boss, RetireOption(LIST, before[0]))
    do(boss, OrderOption(LIST, before[1], 1))  # past the retired one
    assert offered()[:2] == [before[2], before[1]]


def test_values_of_one_place_are_ordered_too(boss: Actor) -> None:
    for n, name in enumerate(("A", "B", "C")):
        Option.objects.create(list_key="competitor", key=f"own_{name.lower()}", label={"en": name}, position=n // 2)
    snapshot.changed()
    do(boss, OrderOption("competitor", "own_b", -1))
    assert offered("competitor") == ["own_b", "own_a", "own_c"]


@pytest.mark.parametrize(("values", "wrong"), [
    ({"label": {}}, "label"), ({"label": {"en": " "}}, "label"), ({"label": {"en": "x" * 61}}, "label"),
    ({"label": {"en": "PRICE"}}, "label"), ({"label": {"ru": "Цена"}}, "label"),
    ({"label": {"en": "Weather"}, "hue": "9"}, "hue"), ({"label": {"en": "Weather"}, "hue": "red"}, "hue"),
    ({"label": {"en": "Weather"}, "key": "price"}, "label"),
])  # fmt: skip
def test_nonsense_is_refused_in_words(boss: Actor, root: Client, values: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        do(boss, SaveOption(LIST, "", values))
    assert set(caught.value.fields) == {wrong}
    assert not Option.objects.exists()
    if "key" not in values:
        form = {f"label-{code}": one for code, one in values["label"].items()} | {"hue": values.get("hue", "0")}
        answer = root.post(f"/settings/lists/{LIST}/do/value", form)
        assert answer.status_code == 422
        assert 'class="err"' in text(answer)


def test_a_list_kept_elsewhere_is_not_changed_here(boss: Actor) -> None:
    for command in (
        SaveOption("stage", "", {"label": {"en": "x"}}), SaveOption("nonsense", "", {"label": {"en": "x"}}),
        SaveOption(LIST, "nonsense", {"label": {"en": "x"}}), RetireOption(LIST, "nonsense"),
        OrderOption(LIST, "nonsense", 1),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            do(boss, command)


def test_a_list_has_an_end(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST", 1)
    do(boss, SaveOption("competitor", "", {"label": {"en": "A"}}))
    with pytest.raises(Invalid):
        do(boss, SaveOption("competitor", "", {"label": {"en": "B"}}))


def test_names_are_shown_as_text(root: Client, boss: Actor) -> None:
    bad = "<img src=x onerror=alert(1)>"
    key = do(boss, SaveOption(LIST, "", {"label": {"en": bad}, "hue": 2})).data["option"]
    for path in (f"lists/{LIST}", f"lists/{LIST}/do/value?key={key}", "audit"):
        page = text(root.get(f"/settings/{path}"))
        assert "&lt;img src=x" in page, path
        assert "<img" not in page, path


def test_a_stale_form_is_refused_and_keeps_what_was_typed(root: Client, boss: Actor) -> None:
    found = re.search(r'name="version" value="(\w+)"', text(root.get(f"/settings/lists/{LIST}/do/value?key=price")))
    assert found
    do(boss, SaveOption(LIST, "price", {"label": {"en": "Too dear"}}))
    given = {"label-en": "Mine", "hue": "0", "version": found[1]}
    answer = root.post(f"/settings/lists/{LIST}/do/value?key=price", given)
    assert answer.status_code == 409
    assert 'value="Mine"' in text(answer)
    assert value("price").label["en"] == "Too dear"
    with pytest.raises(Conflict):
        do(boss, SaveOption(LIST, "price", {"hue": 3}, found[1]))


def test_the_same_form_twice_adds_one(root: Client) -> None:
    given = {"label-en": "Weather", "hue": "0", "idempotency": "one-load"}
    for _time in range(2):
        assert root.post(f"/settings/lists/{LIST}/do/value", given).status_code == 302
    assert offered().count("own_weather") == 1
    assert "own_weather_2" not in offered()


def test_a_newer_version_may_ship_more_values(boss: Actor) -> None:
    """What the company has ordered stays so; a value that is new stands at its own place."""
    shipped = (option("a", "A"), option("b", "B"))
    rows = {"b": Option(list_key="x", key="b", label={"en": "Bee"}, position=5)}
    placed = options.placed((*shipped, option("c", "C")), rows)
    assert [(one.key, one.label) for _place, one in placed] == [
        ("b", Label("Bee")), ("a", Label("A")), ("c", Label("C")),
    ]  # fmt: skip


def test_texts_in_other_languages_are_folded(root: Client) -> None:
    page = text(root.get(f"/settings/lists/{LIST}/do/value?key=price"))
    mine, rest = page.index('name="label-en"'), page.index('<details class="langs"')
    assert mine < rest < page.index('name="label-ar"')
