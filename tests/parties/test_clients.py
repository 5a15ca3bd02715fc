"""Who is the client: the company with its people, or by one switch the person himself."""

import re

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import Create, Link, Unlink, Update
from comity.identity.models import Organization, User
from comity.records.models import Relation
from support.browser import browser
from support.house import company, person


def test_several_people_of_a_company_with_their_roles(boss: Actor) -> None:
    firm = company(boss, "Orchard")
    buyer, engineer = person(boss, "Mara", "Buyer"), person(boss, "Tim", "Engineer")
    run(boss, Link("works_at", buyer, firm, ("buyer", "decider")))
    run(boss, Link("works_at", engineer, firm, ("engineer",)))
    text = _beside(boss, f"/companies/{firm.id}")
    assert "Buyer Mara" in text and "Engineer Tim" in text
    assert "Закупщик, Принимает решение" in text and "Инженер" in text
    card = _beside(boss, f"/people/{buyer.id}")
    assert "Orchard" in card and "Закупщик" in card


def _beside(actor: Actor, url: str) -> str:
    """The cards linked to a card, without its story."""
    return browser(actor).get(url).content.decode().partition('id="rel"')[2]


def test_the_company_field_is_the_main_row_of_the_relation(boss: Actor) -> None:
    first, second = company(boss, "First"), company(boss, "Second")
    made = run(boss, Create("person", {"given_name": "Mara", "company": str(first.id)})).record
    rows = Relation.objects.filter(kind="works_at", from_id=made.id)
    assert rows.get().to_id == first.id and rows.get().main
    run(boss, Link("works_at", made, second, ("director",)))
    assert rows.count() == 2
    run(boss, Update("person", made.id, 0, {"company": str(second.id)}))
    assert rows.get().to_id == second.id and rows.get().main and rows.get().roles == "|director|"
    run(boss, Unlink(rows.get().pk))
    assert not rows.exists()
    assert browser(boss).get(f"/api/v1/people/{made.id}").json()["company"] is None


def test_one_switch_makes_people_the_clients(boss: Actor) -> None:
    made = person(boss, "Mara", "Sample")
    client = browser(boss)
    menu = client.get("/more").content.decode()
    assert menu.index("/companies/") < menu.index("/people/")
    assert client.get(f"/people/{made.id}/fields/kind").status_code == 404
    Organization.objects.update(person_clients=True)
    changed()
    menu = client.get("/more").content.decode()
    assert menu.index("/people/") < menu.index("/companies/")
    assert client.get(f"/people/{made.id}/fields/kind").status_code == 200


def test_a_person_needs_one_name_at_least(boss: Actor) -> None:
    answer = browser(boss).post("/api/v1/people", {"position": "Buyer"}, content_type="application/json")
    assert answer.status_code == 422 and "given_name" in answer.json()["fields"]


def test_the_name_is_written_in_the_readers_way(boss: Actor) -> None:
    made = run(
        boss, Create("person", {"given_name": "Иван", "patronymic": "Петрович", "family_name": "Сидоров"})
    ).record
    client = browser(boss)
    assert "Сидоров Иван Петрович" in client.get(f"/people/{made.id}").content.decode()
    User.objects.filter(pk=boss.user_id).update(language="bg")
    changed()
    assert "Иван Петрович Сидоров" in client.get(f"/people/{made.id}").content.decode()


def test_a_new_person_is_added_from_the_card_of_the_company(boss: Actor) -> None:
    firm = company(boss, "Orchard")
    client = browser(boss)
    asked = client.get(f"/companies/{firm.id}/links?kind=works_at&side=from", headers={"HX-Request": "true"})
    address = re.search(r'href="(/people/new[^"]+)"', asked.content.decode())[1].replace("&amp;", "&")
    form = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Orchard" in form and f'value="{firm.id}"' in form and 'name="about"' not in form
    posted = {"given_name": "Mara", "company": str(firm.id), "next": f"/companies/{firm.id}"}
    made = client.post("/people/new?quick=1", posted)
    assert made.headers["Location"] == f"/companies/{firm.id}"
    assert "Mara" in _beside(boss, f"/companies/{firm.id}")
