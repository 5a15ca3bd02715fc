"""Fields by clicks: there at once, with their index and key; what they cannot be; what stays when they go."""

from typing import Any

import pytest
from django.db import connection

from comity.access import policy
from comity.changes.commands import Create
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, free_key, key_problem
from comity.kernel.errors import Invalid
from comity.records.models import CustomField

FIELD = {"type_key": "company", "key": "own_floors", "kind": "integer", "label": {"en": "Floors"}, "unit": "pieces"}


# --- custom fields ---------------------------------------------------------------------------------------------------


def index_names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "parties_company"))


def statistics_names() -> set[str]:
    if connection.vendor != "postgresql":
        return index_names()
    with connection.cursor() as cursor:
        cursor.execute("SELECT stxname FROM pg_statistic_ext")
        return {name for (name,) in cursor.fetchall()}


def test_a_custom_field_is_there_at_once(company: Any) -> None:
    company.do("fred", SaveSetting("field", FIELD))
    root = company.actor("root")
    assert root.state.record_types["company"].spec("own_floors").stored == "custom"
    ref = company.do("root", Create("company", {"name": "Tower", "own_floors": "12"})).record
    record = policy.get(root, root.state.record_types["company"], ref.id)
    assert record.custom == {"own_floors": 12}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": "own_Floors"}, "key"),
        ({"key": "floors"}, "key"),
        ({"key": "own_floors_fold"}, "key"),
        ({"key": "x'); DROP TABLE parties_company; --"}, "key"),
        ({"kind": "tags"}, "kind"),
        ({"kind": "nonsense"}, "kind"),
        ({"label": {}}, "label"),
        ({"label": {"en": "x" * 81}}, "label"),
        ({"unit": "parsecs"}, "unit"),
        ({"required": "sometimes"}, "required"),
        ({"kind": "choice", "choices": []}, "choices"),
        ({"kind": "choice", "choices": [{"key": "a", "label": {}}]}, "choices"),
        ({"kind": "choice", "choices": [{"key": "a", "label": {"en": "A"}}] * 2}, "choices"),
        ({"kind": "choice", "choices": [{"key": "a|b", "label": {"en": "A"}}]}, "choices"),
    ],
)
def test_what_a_custom_field_cannot_be(company: Any, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        company.do("fred", SaveSetting("field", FIELD | change))
    assert field in wrong.value.fields
    assert not CustomField.objects.exists()


def test_key_and_kind_of_a_field_stay(company: Any) -> None:
    row = company.do("fred", SaveSetting("field", FIELD)).record.id
    for change in ({"key": "own_storeys"}, {"kind": "number"}, {"type_key": "person"}):
        with pytest.raises(Invalid) as wrong:
            company.do("fred", SaveSetting("field", change, id=row))
        assert set(wrong.value.fields) == set(change)
    company.do("fred", SaveSetting("field", {"label": {"en": "Storeys", "ru": "Этажи"}}, id=row))
    assert CustomField.objects.get().label == {"en": "Storeys", "ru": "Этажи"}


def test_the_index_follows_the_mark(company: Any) -> None:
    name = "custom_parties_company_own_floors"
    row = company.do("fred", SaveSetting("field", FIELD)).record.id
    assert name not in index_names() | statistics_names()
    company.do("fred", SaveSetting("field", {"indexed": "1"}, id=row))
    assert name in index_names() & statistics_names()
    company.do("fred", DeleteSetting("field", row))
    assert name not in index_names() | statistics_names()
    company.do("fred", RestoreSetting("field", row))
    assert name in index_names() & statistics_names()
    company.do("fred", SaveSetting("field", {"indexed": ""}, id=row))
    assert name not in index_names() | statistics_names()


def test_long_keys_do_not_share_an_index(company: Any) -> None:
    before = index_names()
    keys = [f"own_{'x' * 35}{end}" for end in "ab"]
    for key in keys:
        company.do("fred", SaveSetting("field", FIELD | {"key": key, "indexed": "1"}))
    assert len(index_names() - before) == 2
    company.do("fred", DeleteSetting("field", CustomField.objects.get(key=keys[0]).pk))
    assert len(index_names() - before) == 1


def test_keys_made_of_long_names_are_keys(company: Any) -> None:

    taken: set[str] = set()
    for _n in range(12):
        for word in ("field", "formula"):
            for name in ("The name of this field is rather long", "1st name of this field is rather long"):
                key = free_key({"en": name}, word, taken, "own_")
                assert key not in taken and not key_problem(key), key
                taken.add(key)


def test_an_archived_field_keeps_its_values_and_its_key(company: Any) -> None:
    row = company.do("fred", SaveSetting("field", FIELD)).record.id
    ref = company.do("root", Create("company", {"name": "Tower", "own_floors": "12"})).record
    company.do("fred", DeleteSetting("field", row))
    root = company.actor("root")
    with pytest.raises(KeyError):
        root.state.record_types["company"].spec("own_floors")
    with pytest.raises(Invalid):
        company.do("fred", SaveSetting("field", FIELD))
    company.do("fred", RestoreSetting("field", row))
    root = company.actor("root")
    assert policy.get(root, root.state.record_types["company"], ref.id).custom == {"own_floors": 12}


def test_a_choice_on_a_card_stays(company: Any) -> None:
    choices = [{"key": key, "label": {"en": key.title()}, "hue": 2} for key in ("gold", "silver", "bronze")]
    row = company.do("fred", SaveSetting("field", {**FIELD, "kind": "choice", "choices": choices})).record.id
    company.do("root", Create("company", {"name": "Tower", "own_floors": "gold"}))
    with pytest.raises(Invalid):
        company.do("fred", SaveSetting("field", {"choices": choices[1:]}, id=row))
    company.do("fred", SaveSetting("field", {"choices": choices[:2]}, id=row))
    assert [one["key"] for one in CustomField.objects.get().choices] == ["gold", "silver"]


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ({"en": "Floor area", "ru": "Площадь"}, "own_floor_area"),
        ({"ru": "Площадь"}, "own_ploshchad"),
        ({"en": "", "bg": "Цена"}, "own_tsena"),
        ({"en": "№ 5"}, "own_no_5"),
        ({"en": "???"}, "own_field"),
    ],
)
def test_a_key_says_the_name_in_latin_letters(names: dict[str, str], key: str) -> None:
    assert free_key(names, "field", (), "own_") == key
