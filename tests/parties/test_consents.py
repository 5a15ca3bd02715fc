"""The journal of consents: what a person agreed to, since when, and how one knows."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Trash
from comity.changes.files import AddFiles, NewFile, RemoveFile
from comity.changes.options import RetireOption, SaveOption
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.exchange.merging.preview import preview
from comity.identity.models import User
from comity.kernel import storage
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.parties.consents.commands import NoteConsent, TakeBackConsent, blank_notes
from comity.parties.consents.model import Consent
from comity.records.models import RecordRef, StoredFile
from comity.timeline.models import Event
from support.browser import browser
from support.fields import field
from support.forms import read_form
from support.house import again, colleague, company, person
from support.programs import program

pytestmark = pytest.mark.django_db
SCRIPTED = {"HX-Request": "true"}
MAIL, NEWS = "mail", "News and offers by e-mail"


@pytest.fixture
def reader(boss: Actor, stopped_clock: Any) -> Actor:
    """The administrator reads English; it is 10 March 2026."""
    User.objects.filter(pk=boss.user_id).update(language="en")
    changed()
    return again(boss)


def noted(actor: Actor, ref: RecordRef, day: str = "2026-03-03", given: bool = True, **more: Any) -> Any:
    values = {"purpose": MAIL, "way": "paper", **more}
    return run(again(actor), NoteConsent(ref.id, given=given, day=day, **values))


def opened(actor: Actor, ref: RecordRef) -> str:
    """What the panel says when it is opened."""
    answer = browser(actor).get(f"/people/{ref.id}/consents", headers=SCRIPTED)
    assert answer.status_code == 200
    return answer.content.decode()


def journal(actor: Actor, ref: RecordRef) -> str:
    answer = browser(actor).get(f"/people/{ref.id}/consents")
    assert answer.status_code == 200
    return answer.content.decode()


def post_back(client: Client, url: str, **typed: str) -> Any:
    """The form of a page sent as a browser would, with what was typed into it."""
    return client.post(url.partition("?")[0], read_form(client.get(url).content.decode()) | typed)


def paper(actor: Actor, ref: RecordRef, name: str = "signed.pdf") -> UUID:
    """A file that hangs on a card."""
    stored = storage.save(BytesIO(name.encode()), 1000)
    new = NewFile(name, stored.sha256, stored.size, "application/pdf")
    return UUID(run(again(actor), AddFiles(ref.type, ref.id, [new])).data["files"][0])


# --- what holds ------------------------------------------------------------------------------------------------------


def test_the_panel_says_for_each_purpose_what_holds_since_when_and_how_one_knows(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    assert "Nothing noted yet" in opened(reader, ann) and NEWS not in opened(reader, ann)
    noted(reader, ann, "2026-03-03")
    noted(reader, ann, "2026-03-01", purpose="processing", way="web_form")
    text = opened(reader, ann)
    assert NEWS in text and "Given on 3 March 2026 · On paper" in text
    assert "Processing of personal data" in text and "Given on 1 March 2026 · Web form" in text
    assert "Offers by phone" not in text  # nobody has said anything of that
    noted(reader, ann, "2026-03-05", given=False, way="phone")
    text = opened(reader, ann)
    assert "Withdrawn on 5 March 2026 · By phone" in text and "3 March" not in text


def test_the_latest_day_holds_in_whatever_order_it_was_noted(reader: Actor, stopped_clock: Any) -> None:
    ann = person(reader, "Ann", "Apple")
    noted(reader, ann, "2026-03-05", given=False, way="")
    noted(reader, ann, "2026-03-03")  # found later, said earlier
    assert "Withdrawn on 5 March 2026" in opened(reader, ann)
    stopped_clock.tick(minutes=1)
    noted(reader, ann, "2026-03-05", way="phone")  # of one day, what was noted last
    assert "Given on 5 March 2026 · By phone" in opened(reader, ann)


def test_the_card_reads_nothing_of_the_journal_before_the_panel_is_opened(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    for day in ("2026-03-01", "2026-03-02"):
        noted(reader, ann, day)
    client = browser(reader)
    client.get(f"/people/{ann.id}")
    with CaptureQueriesContext(connection) as held:
        text = client.get(f"/people/{ann.id}").content.decode()
    assert not [one for one in held.captured_queries if "parties_consent" in one["sql"]]
    panel = text.partition('id="l-consents"')[2].partition('class="pan"')[0]
    assert f'hx-get="/people/{ann.id}/consents"' in panel and f'href="/people/{ann.id}/consents/new"' in panel
    firm = company(reader, "Orchard")
    assert "l-consents" not in client.get(f"/companies/{firm.id}").content.decode()
    assert client.get(f"/people/{firm.id}/consents").status_code == 404


# --- noting and withdrawing ------------------------------------------------------------------------------------------


def test_a_consent_is_noted_in_the_dialog_and_as_a_page_and_withdrawn_in_two_clicks(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    scan = paper(reader, ann)
    client, url = browser(reader), f"/people/{ann.id}/consents/new"
    assert "data-cancel" in client.get(url, headers=SCRIPTED).content.decode()
    form = client.get(url).content.decode()
    assert "Note a consent" in form and "signed.pdf" in form and 'value="2026-03-10"' in form
    answer = post_back(client, url, purpose=MAIL, way="paper", day="2026-03-03", note="At the fair", file=str(scan))
    assert answer.status_code == 302 and answer["Location"] == f"/people/{ann.id}"
    row = Consent.objects.get()
    assert (row.purpose, row.given, row.day.isoformat(), row.way) == (MAIL, True, "2026-03-03", "paper")
    assert (row.note, row.file_id, row.created_by) == ("At the fair", scan, reader.user_id)
    withdraw = re.search(r'href="([^"]+/new\?[^"]+)"', opened(reader, ann))[1].replace("&amp;", "&")
    asked = client.get(withdraw).content.decode()
    assert "Note a withdrawal" in asked
    answer = post_back(client, withdraw)
    assert answer.status_code == 302
    assert "Withdrawn on 10 March 2026" in opened(reader, ann)
    text = journal(reader, ann)
    assert text.index("10 March 2026") < text.index("3 March 2026") and "At the fair" in text
    assert f'href="/files/{scan}"' in text and "holds now" in text
    story = client.get(f"/people/{ann.id}/story").content.decode()
    assert f"noted the consent “{NEWS}”, given on 3 March 2026" in story
    assert f"noted that the consent “{NEWS}” was withdrawn on 10 March 2026" in story
    assert "At the fair" not in story


def test_the_same_form_sent_twice_makes_one_entry(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    sent = {"purpose": MAIL, "given": "1", "day": "2026-03-03", "way": "paper", "idempotency": "once"}
    client = browser(reader)
    for _n in range(2):
        answer = client.post(f"/people/{ann.id}/consents/new", sent, headers=SCRIPTED)
        assert answer.status_code == 200 and answer["HX-Redirect"] == f"/people/{ann.id}"
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2026-03-11"}, "This day is still to come"),
        ({"day": "soon"}, "Enter a date such as 2026-03-31."),
        ({"day": "0001-01-01"}, "Enter a date such as 2026-03-31."),
        ({"purpose": ""}, "Choose one of the list."),
        ({"purpose": "nothing"}, "Choose one of the list."),
        ({"given": ""}, "Choose one of the list."),
        ({"way": ""}, "Say how the consent was given."),
        ({"way": "telepathy"}, "Choose one of the list."),
        ({"note": "x" * 2001}, "at most 2000 fit"),
        ({"file": "x"}, "Choose one of the list."),
        ({"file": str(UUID(int=7))}, "This file does not hang on the card any more."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(reader: Actor, sent: dict[str, str], said: str) -> None:
    ann = person(reader, "Ann", "Apple")
    paper(reader, ann)
    whole = {"purpose": MAIL, "given": "1", "day": "2026-03-03", "way": "paper", "note": "At the fair", **sent}
    for headers in ({}, SCRIPTED):
        answer = browser(reader).post(f"/people/{ann.id}/consents/new", whole, headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 422 and said in text and whole["note"] in text
    assert not Consent.objects.exists() and not Event.objects.filter(type__startswith="consent.").exists()


def test_today_is_the_readers_day(reader: Actor, stopped_clock: Any) -> None:
    ann = person(reader, "Ann", "Apple")
    stopped_clock.move(stopped_clock.now.replace(hour=22))
    User.objects.filter(pk=reader.user_id).update(timezone="Asia/Vladivostok")
    changed()
    noted(reader, ann, "2026-03-11")  # it is the 11th where he lives
    with pytest.raises(Invalid):
        noted(reader, ann, "2026-03-12")


def test_a_file_of_another_card_or_in_the_trash_is_none_of_the_journal(reader: Actor) -> None:
    ann, bea = person(reader, "Ann", "Apple"), person(reader, "Bea", "Berry")
    other, own = paper(reader, bea), paper(reader, ann)
    with pytest.raises(Invalid):
        noted(reader, ann, file_id=other)
    noted(reader, ann, file_id=own)
    run(again(reader), RemoveFile(own))
    assert str(own) not in journal(reader, ann) and "signed.pdf" not in journal(reader, ann)
    with pytest.raises(Invalid):
        noted(reader, ann, file_id=own)


def test_purposes_and_ways_are_the_firms_own(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    noted(reader, ann)
    page = browser(reader).get("/settings/lists").content.decode()
    assert "Purposes of consent" in page and "Ways of consent" in page
    photos = {"label": {"en": "Photos in publications"}, "hue": 0}
    key = run(again(reader), SaveOption("consent_purpose", "", photos)).data["option"]
    run(again(reader), RetireOption("consent_purpose", MAIL))
    form = browser(reader).get(f"/people/{ann.id}/consents/new").content.decode()
    assert "Photos in publications" in form and NEWS not in form
    noted(reader, ann, purpose=key)
    text = opened(reader, ann)
    assert "Photos in publications" in text and NEWS in text  # what was noted once is told
    with pytest.raises(Invalid):
        noted(reader, ann)
    withdraw = next(one for one in re.findall(r'href="([^"]+/new\?[^"]+)"', text) if f"purpose={MAIL}" in one)
    answer = post_back(browser(reader), withdraw.replace("&amp;", "&"))  # nobody is kept to what is offered no more
    assert answer.status_code == 302 and "Withdrawn on 10 March 2026" in opened(reader, ann)


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_a_mistake_is_taken_back_and_both_lines_stay(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    noted(reader, ann, "2026-03-01", way="in_person")
    made = noted(reader, ann, "2026-03-03", given=False)
    run(again(reader), Undo(made.event))
    assert "Given on 1 March 2026 · In person" in opened(reader, ann)
    text = journal(reader, ann)
    assert text.count("Noted: Boss") == 2 and f'<s dir="auto">{NEWS}</s>' in text and "Taken back: Boss" in text
    told = list(Event.objects.filter(type__startswith="consent.").order_by("id").values_list("type", flat=True))
    assert told == ["consent.given", "consent.withdrawn", "consent.taken_back"]
    with pytest.raises(Conflict):
        run(again(reader), Undo(made.event))


def test_the_journals_own_button_takes_back_ones_own_act(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    mate, made = colleague("Mate", "all", language="en"), noted(reader, ann)
    client = browser(mate)
    url = f"/people/{ann.id}/consents/{made.data['consent']}/back"
    assert "Take back" not in journal(mate, ann) and client.post(url).status_code == 403
    with pytest.raises(Refused):
        run(again(mate), Undo(made.event))
    assert (
        client.post(f"/people/{person(reader, 'Bea', 'B').id}/consents/{made.data['consent']}/back").status_code == 404
    )
    own = noted(mate, ann, "2026-03-04", given=False).data["consent"]
    text = journal(mate, ann)
    assert text.count("Take back") == 1 and own in text
    assert client.post(f"/people/{ann.id}/consents/{own}/back").status_code == 302
    assert "Given on 3 March 2026" in opened(mate, ann)
    theirs = noted(mate, ann, "2026-03-05", given=False).data["consent"]
    run(again(reader), TakeBackConsent(UUID(theirs)))  # an administrator mends anybody's
    assert Consent.objects.get(pk=theirs).undone_by == reader.user_id


def test_after_a_month_nothing_is_taken_back(reader: Actor, stopped_clock: Any) -> None:
    ann = person(reader, "Ann", "Apple")
    made = noted(reader, ann)
    stopped_clock.tick(days=31)
    assert "Take back" not in journal(reader, ann)
    with pytest.raises(Refused):
        run(again(reader), TakeBackConsent(UUID(made.data["consent"])))
    assert "Given on" in opened(reader, ann)


# --- rights ----------------------------------------------------------------------------------------------------------


def test_who_sees_the_person_reads_and_only_who_edits_notes(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    made = noted(reader, ann, note="At the fair")
    mate = colleague("Mate", "own", language="en")
    client = browser(mate)
    tries = (f"/people/{ann.id}/consents", f"/people/{ann.id}/consents/new")
    assert [client.get(one).status_code for one in tries] == [404, 404]
    assert client.post(tries[1], {"purpose": MAIL}).status_code == 404
    assert client.post(f"{tries[0]}/{made.data['consent']}/back").status_code == 404
    with pytest.raises(NotFound):
        noted(mate, ann)
    with pytest.raises(NotFound):
        run(again(mate), TakeBackConsent(UUID(made.data["consent"])))
    run(again(reader), ShareRecord("person", ann.id, mate.user_id, level="view"))
    assert "At the fair" in journal(mate, ann) and "/consents/new" not in journal(mate, ann) + opened(mate, ann)
    assert "/consents/new" not in client.get(f"/people/{ann.id}").content.decode()
    assert client.get(tries[1]).status_code == 403
    with pytest.raises(Refused):
        noted(mate, ann)
    run(again(reader), ShareRecord("person", ann.id, mate.user_id, level="edit"))
    noted(mate, ann)
    assert Consent.objects.count() == 2


def test_a_sheet_in_a_closed_field_is_not_told(reader: Actor) -> None:
    field(reader, "person", "scan", "file")
    ann = person(reader, "Ann", "Apple")
    sent = {"version": "1", "own_scan": [""], "own_scan-new": [SimpleUploadedFile("secret.txt", b"sheet")]}
    assert browser(again(reader)).post(f"/people/{ann.id}/fields/own_scan", sent, headers=SCRIPTED).status_code == 200
    scan = StoredFile.objects.get().pk
    noted(reader, ann, file_id=scan)
    closed = colleague("Mate", "all", fields={"person": {"own_scan": "hide"}}, language="en")
    assert "secret.txt" in journal(reader, ann)
    text = journal(closed, ann) + browser(closed).get(f"/people/{ann.id}/consents/new").content.decode()
    assert "secret.txt" not in text and str(scan) not in text and "3 March 2026" in text
    assert program(closed).get(f"/people/{ann.id}/consents")["items"][0]["file"] is None
    with pytest.raises(Invalid):
        noted(closed, ann, file_id=scan)


def test_a_card_in_the_trash_is_read_by_who_may_restore_it_and_not_written(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    noted(reader, ann)
    run(again(reader), Trash("person", ann.id))
    assert NEWS in journal(reader, ann) and "/consents/new" not in opened(reader, ann)
    with pytest.raises(NotFound):
        noted(reader, ann)


# --- programs --------------------------------------------------------------------------------------------------------


def test_programs_read_and_write_the_journal(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    scan, api = str(paper(reader, ann)), program(reader)
    url = f"/people/{ann.id}/consents"
    assert api.get(url) == {"items": []}
    sent = {"purpose": MAIL, "given": True, "day": "2026-03-03", "way": "paper", "note": "Fair", "file": scan}
    made = api.post(url, sent, 201, Idempotency_Key="k")
    assert {key: made[key] for key in sent} == sent and made["label"] == NEWS and made["holds"] and made["event"]
    assert api.post(url, sent, 201, Idempotency_Key="k")["id"] == made["id"]
    assert Consent.objects.count() == 1
    api.post(url, {"purpose": MAIL, "given": False, "day": "2026-03-04"}, 201)
    items = api.get(url)["items"]
    assert [(one["given"], one["holds"], one["day"]) for one in items] == [
        (False, True, "2026-03-04"), (True, False, "2026-03-03"),
    ]  # fmt: skip
    wrong = {"purpose": 1, "given": "yes", "day": None, "way": [], "note": {}, "file": 7, "strange": 1}
    assert api.post(url, wrong, 422)["fields"].keys() == wrong.keys()
    assert api.post(url, {**sent, "day": "2026-03-11"}, 422)["fields"].keys() == {"day"}
    assert api.post(f"/companies/{company(reader, 'Orchard').id}/consents", sent, 404)
    story = api.get(f"/people/{ann.id}/story")["items"]
    assert [one["type"] for one in story][:2] == ["consent.withdrawn", "consent.given"]


def test_a_program_needs_the_scope_of_people(reader: Actor) -> None:
    ann = person(reader, "Ann", "Apple")
    noted(reader, ann)
    sent = {"purpose": MAIL, "given": False, "day": "2026-03-04"}
    reads, none = program(reader, (("person", "read"),)), program(reader, (("company", "write"),))
    assert len(reads.get(f"/people/{ann.id}/consents")["items"]) == 1
    reads.post(f"/people/{ann.id}/consents", sent, 403)
    none.get(f"/people/{ann.id}/consents", 404)
    none.post(f"/people/{ann.id}/consents", sent, 404)
    path = "/api/v1/people/{id}/consents"
    assert program(reader).get("/openapi.json")["paths"][path].keys() == {"parameters", "get", "post"}
    assert reads.get("/openapi.json")["paths"][path].keys() == {"parameters", "get"}
    assert path not in none.get("/openapi.json")["paths"]


# --- merging, erasing ------------------------------------------------------------------------------------------------


def test_a_merge_moves_the_journal_and_its_undo_brings_it_back(reader: Actor) -> None:
    kept, lost = person(reader, "Ann", "Apple"), person(reader, "Anna", "Apple")
    noted(reader, kept, "2026-03-01", purpose="processing")
    moved = noted(reader, lost, "2026-03-03", file_id=paper(reader, lost)).data["consent"]
    merged = run(again(reader), MergeRecords("person", kept.id, lost.id))
    text = journal(reader, kept)
    assert NEWS in text and "Processing of personal data" in text and "signed.pdf" in text
    run(again(reader), Undo(merged.event))
    assert [str(one.pk) for one in Consent.objects.filter(record_id=lost.id)] == [moved]
    assert NEWS in opened(reader, lost) and NEWS not in opened(reader, kept)
    merged = run(again(reader), MergeRecords("person", kept.id, lost.id))
    run(again(reader), TakeBackConsent(UUID(moved)))  # a mistake is mended after the merge, too
    assert f'<s dir="auto">{NEWS}</s>' in journal(reader, kept)


def test_the_preview_of_a_merge_counts_the_entries(reader: Actor) -> None:
    kept, lost = person(reader, "Ann", "Apple"), person(reader, "Anna", "Apple")
    noted(reader, lost)
    noted(reader, lost, "2026-03-04", given=False)
    actor = again(reader)
    record_type = actor.state.record_types["person"]
    made = preview(actor, record_type, *(policy.get(actor, record_type, ref.id) for ref in (kept, lost)))
    assert [number for _label, number in made.moves] == [2]


def test_erasing_leaves_the_journal_without_its_words_and_sheets(reader: Actor) -> None:
    ann, bea = person(reader, "Ann", "Apple"), person(reader, "Bea", "Berry")
    noted(reader, ann, note="Her sister said so", file_id=paper(reader, ann))
    noted(reader, ann, "2026-03-04", given=False)
    noted(reader, bea, note="Stays")
    assert blank_notes(ann.id) == 1
    rows = Consent.objects.filter(record_id=ann.id)
    assert [(one.note, one.file_id, one.purpose) for one in rows] == [("", None, MAIL)] * 2
    assert Consent.objects.get(record_id=bea.id).note == "Stays"
    told = str(list(Event.objects.filter(type__startswith="consent.").values_list("payload", flat=True)))
    assert "sister" not in told
