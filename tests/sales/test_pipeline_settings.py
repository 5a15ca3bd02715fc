"""Pipelines and stages changed by clicks: adopted, kept whole, two at once, in order."""

import re
from typing import Any

import pytest
from django.test import Client

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes.settings import version_of
from comity.identity.models import Team
from comity.kernel.errors import Conflict, Invalid, Refused
from comity.sales.pipelines import shipped
from comity.sales.pipelines.commands import (
    ChangePipeline,
    ChangeStage,
    DropStep,
    MakePipeline,
    MakeStage,
    OrderPipeline,
    OrderStage,
    OrderStep,
    RestorePipeline,
    RestoreStage,
    SaveStep,
)
from comity.sales.pipelines.model import Pipeline, Stage
from comity.sales.pipelines.removal import RetirePipeline, RetireStage
from support.browser import browser
from support.deals import deal, move
from support.house import again, colleague
from support.pipelines import HTMX, STEP, do, known, order, settings_permit, stands, text, version_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(boss: Actor) -> Client:
    """The administrator's browser."""
    return browser(boss)


# --- the shipped pipeline becomes the company's own ------------------------------------------------------------------


def test_nothing_is_saved_until_something_changes(boss: Actor, root: Client) -> None:
    assert root.get("/settings/pipelines").status_code == 200
    assert root.get("/settings/pipelines/sales").status_code == 200
    assert root.get("/settings/stages/meeting").status_code == 200
    assert not Pipeline.objects.exists()


def test_the_first_change_adopts_what_was_in_force(boss: Actor) -> None:
    ref = deal(boss)
    before, choices = known(), boss.state.options["stage"]
    do(boss, ChangeStage("new", {"name": {"ru": "Свежая"}}))
    after = known()
    assert Pipeline.objects.count() == 1
    assert list(after.stages) == list(before.stages)
    assert [one.id for one in after.stages.values()] == [one.id for one in before.stages.values()]
    assert {key: one for key, one in after.stages.items() if key != "new"} == {
        key: one for key, one in before.stages.items() if key != "new"
    }
    now = again(boss).state.options["stage"]
    assert [one.key for one in now] == [one.key for one in choices]
    assert now[1:] == choices[1:]
    assert now[0].label["ru"] == "Свежая"
    assert stands(ref) == ("sales", "new")
    move(boss, ref, "qualified")


def test_a_form_opened_before_the_adoption_still_fits(boss: Actor, root: Client) -> None:
    version = version_in(text(root.get("/settings/stages/meeting")), "stage")
    do(boss, ChangeStage("new", {"probability": 5}))
    given = {"name-ru": "Показ", "hue": "3", "probability": "45", "norm_days": "12", "version": version}
    assert root.post("/settings/stages/meeting/do/stage", given, headers=HTMX).status_code == 200
    stage = Stage.objects.get(key="meeting")
    assert (stage.name, stage.probability, stage.norm_days) == ({"ru": "Показ"}, 45, 12)


def test_a_pass_through_a_gate_adopts_it_the_same_way(boss: Actor) -> None:
    assert shipped.save().pk == shipped.rows()[0].pk
    assert shipped.save() == Pipeline.objects.get()
    assert Stage.objects.count() == len(shipped.STAGES)


def test_web_process_and_worker_read_it_at_once(boss: Actor) -> None:
    here = snapshot.snapshot()
    do(boss, ChangeStage("new", {"probability": 15}))
    assert snapshot.snapshot() is not here
    assert known().stages["new"].probability == 15


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_pipeline_from_name_to_stages(boss: Actor, root: Client) -> None:
    team = Team.objects.create(name="Север")
    snapshot.changed()
    made = root.post("/settings/pipelines/do/new", {"name-ru": "Сервис", "teams": ["", str(team.pk)]})
    key = made["Location"].rpartition("/")[2]
    assert key.startswith("p_")
    assert [(one.kind, one.label["en"]) for one in known().by_key[key].stages] == [
        ("open", "New"), ("won", "Won"), ("lost", "Lost"),
    ]  # fmt: skip
    assert all(one.key.startswith("s_") for one in known().by_key[key].stages)
    assert known().by_key[key].teams == {team.pk}
    given = {"name-ru": "Выезд", "kind": "open", "hue": "4", "probability": "30", "norm_days": "5"}
    answer = root.post(f"/settings/pipelines/{key}/do/stage", given)
    stage = known().stages[answer["Location"].rpartition("/")[2]]
    assert (stage.pipeline, stage.label["ru"], stage.probability, stage.hue) == (key, "Выезд", 30, 4)
    assert [one.label["ru"] for one in known().by_key[key].open] == ["Новая", "Выезд"]
    page = text(root.get(f"/settings/pipelines/{key}"))
    assert page.index("Новая") < page.index("Выезд") < page.index("Выиграна")
    assert "Север" in text(root.get("/settings/pipelines"))
    saved = root.post(f"/settings/pipelines/{key}/do/pipeline", {"name-ru": "Ремонт", "teams": ""}, headers=HTMX)
    assert saved.status_code == 200
    assert (known().by_key[key].label["ru"], known().by_key[key].teams) == ("Ремонт", frozenset())


def test_pages_are_not_there_without_the_right(boss: Actor) -> None:
    client = browser(colleague("mira", "all"))
    for path in ("pipelines", "pipelines/sales", "stages/new", "lists", "lists/source", "goals"):
        assert client.get(f"/settings/{path}").status_code == 404
    assert client.post("/settings/stages/new/do/stage", {"probability": "1"}).status_code == 404
    assert not Pipeline.objects.exists()


def test_pages_of_what_is_not_there(root: Client) -> None:
    for path in (
        "pipelines/nonsense", "stages/nonsense", "stages", "stages/new/do/step?key=nonsense", "stages/do/step",
        "lists/stage", "lists/nonsense", "lists/source/do/value?key=nonsense", "goals/2026-13", "goals/nonsense",
    ):  # fmt: skip
        assert root.get(f"/settings/{path}").status_code == 404, path


def test_names_are_shown_as_text(boss: Actor, root: Client) -> None:
    bad = "<img src=x onerror=alert(1)>"
    do(boss, ChangePipeline("sales", {"name": {"ru": bad}}))
    do(boss, ChangeStage("new", {"name": {"ru": bad}}))
    do(boss, SaveStep("new", "", {**STEP, "text": {"ru": bad}}))
    for path in ("pipelines", "pipelines/sales", "stages/new", "audit", "pipelines/sales/do/retire"):
        page = text(root.get(f"/settings/{path}"))
        assert "&lt;img src=x" in page, path
        assert "<img" not in page, path


def test_a_look_through_other_eyes_changes_nothing(boss: Actor, root: Client) -> None:
    mira = settings_permit("mira", "all")
    assert mira.user_id
    root.post(f"/settings/people/{mira.user_id}/do/see-as")
    assert root.get("/settings/stages/new").status_code == 200
    assert root.post("/settings/stages/new/do/stage", {"probability": "1"}).status_code == 403
    assert not Pipeline.objects.exists()


def test_the_audit_tells_what_changed(boss: Actor, root: Client) -> None:
    do(boss, ChangeStage("new", {"probability": 15, "gate": {"fields": ["amount", "source"]}}))
    do(boss, SaveStep("new", "first_call", {"days": "3", "clock": "10:00"}))
    do(boss, ChangePipeline("sales", {"name": {"ru": "Прямые"}}))
    page = re.sub(r"<[^>]+>", " ", text(root.get("/settings/audit")))
    page = " ".join(page.split())
    assert "Новые продажи: Новая" in page
    assert "10 % 15 %" in page
    assert "Сумма, Источник" in page
    assert "10:00" in page
    assert "Новые продажи Прямые" in page


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "wrong"), [
    ({"probability": "300"}, "probability"),
    ({"probability": "-1"}, "probability"),
    ({"probability": "many"}, "probability"),
    ({"norm_days": "99999"}, "norm_days"),
    ({"hue": "9"}, "hue"),
    ({"name": {}}, "name"),
    ({"name": {"ru": "x" * 61}}, "name"),
    ({"gate": {"fields": ["nonsense"]}}, "gate_fields"),
    ({"gate": {"fields": ["stage"]}}, "gate_fields"),
    ({"gate": {"steps": ["agree_meeting"]}}, "gate_steps"),  # a step of another stage
    ({"gate": {"files": ["nonsense"]}}, "gate_files"),
    ({"gate": {"moods": ["good"]}}, "gate"),
    ({"kind": "won"}, "kind"),
    ({"pipeline": "sales"}, "pipeline"),
])  # fmt: skip
def test_a_stage_refuses_nonsense_in_words(boss: Actor, given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        do(boss, ChangeStage("new", given))
    assert set(caught.value.fields) == {wrong}
    assert not Pipeline.objects.exists()  # not even adopted: all or nothing


@pytest.mark.parametrize(("given", "wrong"), [
    ({"clock": "25:00"}, "clock"), ({"clock": "9"}, "clock"), ({"days": "-1"}, "days"), ({"days": "soon"}, "days"),
    ({"days": "99999"}, "days"), ({"kind": "dance"}, "kind"), ({"text": {}}, "text"),
    ({"text": {"ru": "x" * 201}}, "text"), ({"who": "nobody"}, "who"),
])  # fmt: skip
def test_a_step_refuses_nonsense_in_words(boss: Actor, root: Client, given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        do(boss, SaveStep("new", "", {**STEP, **given}))
    assert set(caught.value.fields) == {wrong}
    form = {"kind": "call", "text-ru": "Позвонить", "days": "1", "clock": "", "who": "owner"}
    form |= {f"text-{code}": one for code, one in given.pop("text", {"ru": form["text-ru"]}).items()} or {"text-ru": ""}
    answer = root.post("/settings/stages/new/do/step", form | given)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert not Pipeline.objects.exists()


def test_wrong_input_stays_on_the_card(root: Client) -> None:
    given = {"name-ru": "Новая", "name-en": "Fresh", "hue": "2", "probability": "300", "norm_days": "3"}
    for headers in ({}, HTMX):
        answer = root.post("/settings/stages/new/do/stage", given, headers=headers)
        assert answer.status_code == 422
        assert 'value="300"' in text(answer)
        assert 'value="Fresh"' in text(answer)


def test_teams_of_a_pipeline_are_teams(boss: Actor) -> None:
    for teams in (["nonsense"], [str(boss.user_id)], "all"):
        with pytest.raises(Invalid):
            do(boss, ChangePipeline("sales", {"teams": teams}))


def test_who_may_not_change_settings_changes_no_pipeline(boss: Actor) -> None:
    mira = colleague("mira", "all")
    commands = (
        ChangePipeline("sales", {"name": {"ru": "x"}}), MakePipeline({"name": {"ru": "x"}}), OrderPipeline("sales", 1),
        RestorePipeline("sales"), MakeStage("sales", {"name": {"ru": "x"}, "kind": "open"}), OrderStage("new", 1),
        ChangeStage("new", {"probability": 1}), RestoreStage("new"), SaveStep("new", "", STEP),
        DropStep("new", "first_call"), OrderStep("new", "first_call", 1), RetireStage("new", "meeting"),
        RetirePipeline("sales"),
    )  # fmt: skip
    for command in commands:
        with pytest.raises(Refused):
            do(mira, command)
    assert not Pipeline.objects.exists()


# --- two at once -----------------------------------------------------------------------------------------------------


def test_a_stale_form_is_refused_and_says_so(boss: Actor, root: Client) -> None:
    page = text(root.get("/settings/stages/new"))
    version = version_in(page, "stage")
    do(boss, ChangeStage("new", {"probability": 11}))
    given = {"name-ru": "Моя", "hue": "2", "probability": "12", "norm_days": "3", "version": version}
    answer = root.post("/settings/stages/new/do/stage", given, headers=HTMX)
    assert answer.status_code == 409
    assert 'value="Моя"' in text(answer)
    assert Stage.objects.get(key="new").probability == 11
    with pytest.raises(Conflict):
        do(boss, ChangeStage("new", {"gate": {}}, version_of(shipped.rows()[1][0])))


def test_two_change_different_steps_of_one_stage(boss: Actor, root: Client) -> None:
    page = text(root.get("/settings/stages/new/do/step?key=first_call"))
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    do(boss, SaveStep("new", "", STEP))
    form = {"kind": "call", "text-ru": "Звонок", "days": "1", "clock": "", "who": "owner", "version": version[1]}
    assert root.post("/settings/stages/new/do/step?key=first_call", form).status_code == 302
    assert [step["text"]["ru"] for step in known().stages["new"].steps] == ["Звонок", "Позвонить"]
    assert root.post("/settings/stages/new/do/step?key=first_call", form | {"days": "9"}).status_code == 409


def test_the_same_form_twice_makes_one(root: Client) -> None:
    given = {"name-ru": "Сервис", "idempotency": "one-load"}
    first, second = (root.post("/settings/pipelines/do/new", given)["Location"] for _n in range(2))
    assert first == second
    assert len(known().by_key) == 2


# --- order -----------------------------------------------------------------------------------------------------------


def test_stages_go_up_and_down_among_their_kind(boss: Actor, root: Client) -> None:
    answer = root.post("/settings/pipelines/sales/do/up?key=meeting")
    assert order()[:4] == ["new", "meeting", "qualified", "quote"]
    page = text(root.get(answer["Location"]))
    assert re.search(r'do/up\?key=meeting"[^>]*><button[^>]* autofocus', page)
    do(boss, OrderStage("agreement", 1))  # the last of the open ones: won and lost stay behind
    assert order()[-3:] == ["agreement", "won", "lost"]
    do(boss, OrderStage("new", -1))
    assert order()[0] == "new"
    do(boss, RetireStage("meeting"))
    do(boss, OrderStage("new", 1))  # past the retired one
    assert [stage.key for stage in known().by_key["sales"].open][:2] == ["qualified", "new"]


def test_a_new_stage_stands_last_of_its_kind(boss: Actor) -> None:
    key = do(boss, MakeStage("sales", {"name": {"ru": "Оплата"}, "kind": "open", "probability": "90"})).data["stage"]
    assert order()[-3:] == [key, "won", "lost"]
    won = do(boss, MakeStage("sales", {"name": {"ru": "С монтажом"}, "kind": "won", "probability": "3"})).data["stage"]
    assert order()[-3:] == ["won", won, "lost"]
    assert (known().stages[won].probability, known().stages[won].norm_days) == (100, 0)


def test_pipelines_and_steps_go_up_and_down(boss: Actor) -> None:
    key = do(boss, MakePipeline({"name": {"ru": "Сервис"}})).data["pipeline"]
    do(boss, OrderPipeline(key, -1))
    assert list(known().by_key) == [key, "sales"]
    step = do(boss, SaveStep("new", "", STEP)).data["step"]
    do(boss, OrderStep("new", step, -1))
    assert [one["key"] for one in known().stages["new"].steps] == [step, "first_call"]
    do(boss, OrderStep("new", step, -1))
    assert [one["key"] for one in known().stages["new"].steps] == [step, "first_call"]
