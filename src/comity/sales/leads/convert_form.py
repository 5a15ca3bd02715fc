"""The question what a lead becomes: filled in so that one press converts it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import type_of
from comity.kernel.errors import Conflict, Invalid
from comity.kernel.text import fold, listed, whole_number, words
from comity.parties.people.names import display_name, take_apart
from comity.records.fields import of
from comity.records.kinds import BadValue
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads import panels
from comity.sales.leads.conversion import NEW, ConvertLead, deal_name, reads, writes
from comity.sales.leads.states import still_open
from comity.sales.leads.views import answer, chosen, found, gone
from comity.sales.pipelines import state
from comity.search.duplicates import LEGAL_FORMS, Match
from comity.ui import forms
from comity.ui.pages.edit import texts_of, undo_url
from comity.ui.render import done, fresh_key

SURE = ("phones", "emails")
OTHERS = {
    "person": of("link", "person-other", "Another person", "Другой человек", "Інша людина", "Друг човек", "Orang lain",
                 "شخص آخر", target="person"),
    "company": of("link", "company-other", "Another company", "Другая компания", "Інша компанія", "Друга фирма",
                  "Perusahaan lain", "شركة أخرى", target="company"),
}  # fmt: skip
DEAL_FIELDS = ("name", "amount", "pipeline")
NEXT_FIELDS = ("name", "due_at")
Errors = Mapping[str, list[str]]


@require_http_methods(["GET", "POST"])
def convert(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """GET [person, company]: what it becomes. POST version, person, company, deal-..., next-...: convert it."""
    actor, _type, lead = found(request, lead_id)
    if lead.state == "converted":
        try:
            still_open(actor, lead)
        except Conflict as problem:
            return gone(request, lead_id, problem)
    form = _Form(request, lead)
    if request.method != "POST":
        return form.answer({}, 200)
    errors = form.read()
    if not errors:
        try:
            result = run(actor, form.command(), key=request.POST.get("idempotency", ""))
            return done(request, _next_page(actor, lead_id, result.data), _("Converted."), undo_url(result))
        except Invalid as problem:
            errors = texts_of(problem)
        except Conflict as problem:
            return gone(request, lead_id, problem)
    return form.answer(errors, 422)


def _share_a_word(one: str, other: str) -> bool:
    """Whether two names of companies have a word in common that is no legal form."""
    found = (words(one), words(other))
    return any(len(word) > 2 and word not in LEGAL_FORMS for word in set(found[0]) & set(found[1]))


def _next_page(actor: Actor, lead_id: UUID, made: Mapping[str, str]) -> str:
    """The deal, else the person or company; the lead where he sees none of them."""
    for key in ("deal", "person", "company"):
        if made[key] and policy.titles_of(actor, key, [UUID(made[key])]):
            return f"/{type_of(actor, key).slug}/{made[key]}"
    return f"/leads/{lead_id}"


class _Form:
    """One conversion as it stands in the form."""

    def __init__(self, request: HttpRequest, lead: Any) -> None:
        self.request, self.lead = request, lead
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        self.type = type_of(self.actor, "lead")
        self.post = request.POST if request.method == "POST" else None
        self.chosen: dict[str, str] = {}
        self.others: dict[str, Any] = {"person": None, "company": None}
        self.raw: dict[str, dict[str, Any] | None] = {"deal": None, "next": None}

    # --- what was posted -----------------------------------------------------------------------------------------

    def read(self) -> dict[str, list[str]]:
        """Take what was posted; what is wrong with it."""
        assert self.post is not None  # noqa: S101 - read when something was posted
        errors: dict[str, list[str]] = {}
        for key, spec in OTHERS.items():
            self.chosen[key] = self.post.get(key, "")
            try:
                other = self.others[key] = chosen(self.actor, spec, self.post)
            except BadValue as problem:
                errors[spec.key] = [str(problem)]
            else:
                if other:
                    self.chosen[key] = str(other)
        if (self.post.getlist("deal") or [""])[-1] == "1":
            self.raw["deal"] = self._part("deal", DEAL_FIELDS, errors)
        if self.post.get("next-name", "").strip():
            self.raw["next"] = self._part("next", NEXT_FIELDS, errors)
        return errors

    def _part(self, part: str, keys: tuple[str, ...], errors: dict[str, list[str]]) -> dict[str, Any]:
        assert self.post is not None  # noqa: S101 - as above
        own = QueryDict(mutable=True)
        for name in self.post:
            if name.startswith(f"{part}-"):
                own.setlist(name.removeprefix(f"{part}-"), self.post.getlist(name))
        raw, wrong = forms.raw_values(self.actor, self._type_of(part), own)
        errors |= {f"{part}-{key}": texts for key, texts in wrong.items()}
        return {key: value for key, value in raw.items() if key in keys}

    def _type_of(self, part: str) -> RecordType:
        return type_of(self.actor, "task" if part == "next" else part)

    def command(self) -> ConvertLead:
        """What was asked for."""
        return ConvertLead(
            self.lead.pk, self._version, self.chosen["person"], self.chosen["company"], self.raw["deal"],
            self.raw["next"],
        )  # fmt: skip

    @property
    def _version(self) -> int:
        given = self.post.get("version", "") if self.post is not None else ""
        return whole_number(given) or self.lead.version

    # --- how it is shown -----------------------------------------------------------------------------------------

    def answer(self, errors: Errors, status: int) -> HttpResponse:
        """The form: with what is likely, or with what was posted."""
        known = panels.matches(self.actor, self.type, self.lead)
        person = self._person(known, errors)
        company = self._company(known, person["value"], errors)
        deal, following = self._deal(errors), self._next(errors)
        fields = [*(deal["fields"] if deal else ()), *following]
        labels = {one["key"]: one["label"] for one in (person, company)}
        labels |= {one["name"]: one["label"] for one in fields}
        title = _("Convert: %(name)s") % {"name": self.lead.title}
        shown = {
            "title": title, "url": f"/leads/{self.lead.pk}/convert", "cancel_url": f"/leads/{self.lead.pk}",
            "version": self._version, "idempotency": fresh_key(), "parts": [person, company], "deal": deal,
            "next": following, "notes": self._notes(),
            "errors": [
                {"text": f"{labels[key]}: {text}" if key in labels else text,
                 **({"field_id": f"i-{key}"} if key in labels and key not in OTHERS else {})}
                for key, texts in errors.items() for text in texts
            ],
        }  # fmt: skip
        return answer(self.request, "sales/lead_convert.html", title, self.lead, status, convert=shown)

    def _part_of(
        self, key: str, label: str, choices: list[dict[str, str]], likely: str, errors: Errors
    ) -> dict[str, Any]:  # fmt: skip
        """A part with its radio buttons; `likely` is chosen until somebody says otherwise."""
        spec = OTHERS[key]
        value = self.chosen.get(key) if self.post is not None else likely
        other = forms.field(self.actor, spec, self.others[key], list(errors.get(spec.key, ())))
        wrong = [text for name, texts in errors.items() for text in texts
                 if name == key or (name.startswith(f"{key}-") and name != spec.key)]  # fmt: skip
        return {"key": key, "label": label, "choices": choices, "value": value, "errors": wrong,
                "other": other, "other_label": spec.label[self.actor.language]}  # fmt: skip

    def _person(self, known: list[Match], errors: Errors) -> dict[str, Any]:
        choices, asked = self._known("person", known)
        name = self.lead.contact_name if reads(self.actor, self.type, "contact_name") else ""
        likely = asked or next((str(one.ref.id) for one in known if one.ref.type == "person" and one.why in SURE), "")
        if name and self.actor.scope("person", "create") != "none":
            shown = display_name(take_apart(name), self.actor.language)
            choices.append({"value": NEW, "label": _("New: %(what)s") % {"what": shown}})
            likely = likely or NEW
        choices.append({"value": "", "label": _("Nobody")})
        return self._part_of("person", _("Person"), choices, likely, errors)

    def _company(self, known: list[Match], person: str | None, errors: Errors) -> dict[str, Any]:
        choices, asked = self._known("company", known)
        name = self.lead.company_name if reads(self.actor, self.type, "company_name") else ""
        employer = self._employer(person)
        if employer and all(one["value"] != employer[0] for one in choices):
            choices.insert(0, {"value": employer[0], "label": employer[1], "sub": _("where this person works")})
        same = [one["value"] for one in choices if not name or fold(one["label"]) == fold(name)]
        sure = [str(one.ref.id) for one in known if one.ref.type == "company" and one.why in SURE]
        if employer and _share_a_word(employer[1], name):
            sure.append(employer[0])
        likely = asked or next(iter([*same, *sure]), "")
        if name and self.actor.scope("company", "create") != "none":
            choices.append({"value": NEW, "label": _("New: %(what)s") % {"what": name}})
            likely = likely or NEW
        choices.append({"value": "", "label": _("None")})
        return self._part_of("company", _("Company"), choices, likely, errors)

    def _known(self, key: str, known: list[Match]) -> tuple[list[dict[str, str]], str]:
        """The likely ones of a type as choices, and the one the address asks for."""
        choices = [
            {"value": str(one.ref.id), "label": one.title,
             "sub": listed((one.context, str(one.reason)), self.actor.language)}
            for one in known if one.ref.type == key
        ]  # fmt: skip
        asked = self.request.GET.get(key, "")
        try:
            ref = RecordRef(key, UUID(asked))
        except ValueError:
            return choices, ""
        if all(one["value"] != str(ref.id) for one in choices):
            titles = policy.titles(self.actor, [ref])
            choices = [*({"value": str(ref.id), "label": titles[one]} for one in titles), *choices]
            return choices, str(ref.id) if titles else ""
        return choices, str(ref.id)

    def _employer(self, person: str | None) -> tuple[str, str] | None:
        """Where a person works, as far as he may know: (key, name)."""
        record_type = type_of(self.actor, "person")
        try:
            card = policy.find(self.actor, record_type, UUID(person or ""))
        except ValueError:
            return None
        if card is None or not card.company_id or not reads(self.actor, record_type, "company"):
            return None
        titles = policy.titles_of(self.actor, "company", [card.company_id])
        return next(((str(key), title) for key, title in titles.items()), None)

    def _deal(self, errors: Errors) -> dict[str, Any] | None:
        offered = state.of(self.actor.state).open_to(self.actor)
        if self.actor.scope("deal", "create") == "none" or not offered:
            return None
        record_type = type_of(self.actor, "deal")
        values = {
            "name": deal_name(self.actor, self.type, self.lead),
            "amount": (self.lead.budget, self.lead.budget_currency)
            if self.lead.budget is not None and reads(self.actor, self.type, "budget") else None,
            "pipeline": offered[0].key,
        }  # fmt: skip
        fields = self._fields("deal", record_type, values, errors)
        names = {one.key: one.label[self.actor.language] for one in offered}
        for one in fields:
            if one["key"] == "pipeline":
                one["choices"] = [{"value": key, "label": label} for key, label in names.items()]
                one["required"] = True
        if len(offered) == 1:
            fields = [one for one in fields if one["key"] != "pipeline"]
        wanted = self.post is None or self.raw["deal"] is not None
        return {"wanted": {"key": "deal", "kind": "bool", "label": _("Make a deal"), "value": wanted}, "fields": fields}

    def _next(self, errors: Errors) -> list[dict[str, Any]]:
        if self.actor.scope("task", "create") == "none":
            return []
        record_type = type_of(self.actor, "task")
        begun = record_type.initial(self.actor) if record_type.initial else {}
        name = "" if self._planned_by_stage() or self._open_tasks() else _("Agree on the next step")
        return self._fields("next", record_type, {"name": name, "due_at": begun.get("due_at")}, errors)

    def _fields(
        self, part: str, record_type: RecordType, values: dict[str, Any], errors: Errors
    ) -> list[dict[str, Any]]:  # fmt: skip
        """The fields of a part he may write, with these values, or with those posted."""
        raw = self.raw[part]
        found = []
        for key, value in values.items():
            spec = record_type.spec(key)
            if not writes(self.actor, record_type, key):
                continue
            name = f"{part}-{key}"
            made = forms.field(self.actor, spec, value, list(errors.get(name, ())))
            made |= {"name": name, "id": f"i-{name}", "required": part == "deal" and key == "name", "dup": False}
            if raw is not None and key in raw:
                made = forms.filled(made, forms.typed_value(self.actor, spec, raw[key]))
            elif self.post is not None and part == "next" and key == "name":
                made["value"] = ""
            found.append(made)
        return found

    def _planned_by_stage(self) -> list[str]:
        """What the first stage of the first pipeline plans by itself."""
        offered = state.of(self.actor.state).open_to(self.actor)
        steps = offered[0].first.steps if offered and self.actor.scope("deal", "create") != "none" else ()
        return [step["text"].get(self.actor.language) or step["text"].get("en", "") for step in steps]

    def _open_tasks(self) -> int:
        mine = policy.visible(self.actor, type_of(self.actor, "task"), "edit")
        return int(mine.filter(about_type="lead", about_id=self.lead.pk, state="open").count())

    def _notes(self) -> list[str]:
        notes = []
        if steps := self._planned_by_stage():
            planned = listed(steps, self.actor.language)
            notes.append(_("The first stage plans by itself: %(steps)s.") % {"steps": planned})
        if number := self._open_tasks():
            text = ngettext("%(n)s open task goes along.", "%(n)s open tasks go along.", number)
            notes.append(text % {"n": number})
        return notes
