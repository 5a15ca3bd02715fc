"""The base of the benchmark: what the commands would have made, written straight into the tables.

The same in every run (but for keys and salts, and for what is dated by today): 60 colleagues in 13 teams and their
director, five people to a company, ten events each, and what `sales` adds.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection

from comity.access import actors, snapshot
from comity.access.models import Role, RoleMember, Share
from comity.changes import installation
from comity.changes.bus import run
from comity.changes.dispatcher import catch_up
from comity.changes.settings import SaveSetting
from comity.config.bench import names, sales
from comity.config.bench.bulk import Rows
from comity.config.bench.cards import Card, Cards, Story
from comity.identity.models import Membership, Team, User
from comity.kernel.ids import new_id
from comity.records.models import SavedView
from comity.search import consumer

EVENTS = 10  # of each record
PER_COMPANY = 5
SHARED = 200  # people, and as many deals, opened to the user who sees nothing else
GUEST, DIRECTOR = 59, 60  # of the colleagues, by number: those who own nothing
RARE_EACH = 2  # people with the rare name within each user's sight
SEGMENTS = ("gold", "silver", "bronze", "new", "partner", "press", "school", "export", "retail", "quiet")
START = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)


@dataclass
class House:
    """Who works in the generated company: the users the benchmark looks through, and all the rest."""

    wide: User
    narrow: User
    guest: User  # sees what is shared with him, nothing else
    director: User  # sees all, for the reports
    owners: list[tuple[UUID, UUID]] = field(default_factory=list)  # everybody who owns records: (user, team)


def generate(size: int) -> House:
    """Fill an empty, migrated base with `size` people; about a millisecond each."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # of this connection alone: a base that is lost is made anew
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-200000")
    chance = Random(20261122)  # noqa: S311 - no secret
    house = _house()
    companies = list(_companies(chance, house, max(1, size // PER_COMPANY)))
    people = list(_people(chance, house, companies, size))
    story = Story()
    _events(story, companies + people)
    deals = sales.generate(chance, people, dict(house.owners), [house.wide.pk, house.narrow.pk], story)
    story.done()
    _share(house, people[:SHARED] + companies[: SHARED // PER_COMPANY] + deals[-SHARED:])
    catch_up()
    consumer.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    return house


def _house() -> House:
    """The company, its teams (one, three below it, three below each), its people and their roles."""
    installation.install("Northwind", "DE", "Europe/Berlin", "en", "EUR")
    system = actors.system("bench")
    segments = [{"key": key, "label": {"en": key.title()}, "hue": n % 8 + 1} for n, key in enumerate(SEGMENTS)]
    run(system, SaveSetting("field", {
        "type_key": "person", "key": "own_segment", "kind": "choice", "label": {"en": "Segment"}, "choices": segments,
        "indexed": True, "position": 1,
    }))  # fmt: skip
    root = Team.objects.create(name="Sales")
    divisions = [Team.objects.create(name=f"Division {n}", parent=root) for n in range(1, 4)]
    teams = [
        Team.objects.create(name=f"Team {n}.{m}", parent=up) for n, up in enumerate(divisions, 1) for m in (1, 2, 3)
    ]
    roles = {role.key: role for role in Role.objects.all()}
    roles["guest"] = Role.objects.create(key="guest", name={"en": "Guest"}, grants={"*": {"create": "own"}}, permits=[])
    users = []
    for n in range(61):
        user = User.objects.create(
            name=f"Colleague {n:02}", email=f"c{n:02}@example.com", email_fold=f"c{n:02}@example.com", hue=n % 8 + 1
        )
        head = n < len(divisions)
        team = divisions[n] if head else teams[n % len(teams)]
        role = {GUEST: "guest", DIRECTOR: "director"}.get(n, "head" if head else "manager")
        Membership.objects.create(user=user, team=team, lead=head)
        RoleMember.objects.create(user=user, role=roles[role])
        users.append((user, team))
    SavedView.objects.create(
        type_key="person",
        name="Gold",
        shared=True,
        where={"all": [{"field": "own_segment", "op": "any", "value": ["gold"]}]},
    )
    snapshot.changed()
    wide, narrow = users[0][0], users[10][0]
    sales.settings(system, [wide.pk, narrow.pk])
    return House(
        wide, narrow, users[GUEST][0], users[DIRECTOR][0], [(user.id, team.id) for user, team in users[:GUEST]]
    )


def _companies(chance: Random, house: House, number: int) -> Iterator[Card]:
    writer = Cards("company")
    for n in range(number):
        language = names.LANGUAGES[n % len(names.LANGUAGES)]
        owner, team = house.owners[chance.randrange(len(house.owners))]
        city, country = names.CITIES[language]
        key = new_id()
        values = {
            "name": f"{names.firm(chance, language)} {n % 997}", "country": country,
            "kind": chance.choice(writer.specs["kind"].choices).key,
            "actual_address": {"city": city, "country": country}, "employees": chance.randrange(1, 5000),
            "turnover": (chance.randrange(10**4, 10**8) * 10_000, "EUR"), "website": f"https://firm{n}.example.com",
            "tax_number": f"{chance.randrange(10**9, 10**10)}", "client_since": date(2015, 1, 1) + timedelta(n % 3650),
            "phones": f"+4930{2 * 10**7 + n}", "emails": f"office@firm{n}.example.com", "owner": owner, "team": team,
        }  # fmt: skip
        yield Card(key, "company", owner, writer.add(key, values, EVENTS, START, _moment(n, EVENTS - 1)))
    writer.done()


def _people(chance: Random, house: House, companies: list[Card], number: int) -> Iterator[Card]:
    writer = Cards("person")
    teams = dict(house.owners)
    left = {house.wide.pk: RARE_EACH, house.narrow.pk: RARE_EACH}
    for n in range(number):
        company = companies[n // PER_COMPANY % len(companies)]
        owner, language = company.owner, names.LANGUAGES[n // PER_COMPANY % len(names.LANGUAGES)]
        rare = n < SHARED and n % (SHARED // RARE_EACH) == 0
        if not rare and left.get(owner, 0):
            left[owner] -= 1
            rare = True
        key = new_id()
        values = {
            "given_name": names.given(chance, language),
            "family_name": names.RARE if rare else names.family(chance, language),
            "position": names.position(chance, language), "company": company.id,
            "gender": chance.choice(("female", "male")), "birth_date": date(1960, 1, 1) + timedelta(n % 15000),
            "languages": (language,), "address": {"city": names.CITIES[language][0]},
            "own_segment": chance.choice(SEGMENTS), "phones": phone(n), "emails": f"p{n}@example.com",
            "owner": owner, "team": teams[owner],
        }  # fmt: skip
        title = writer.add(key, values, EVENTS, START, _moment(n, EVENTS - 1), "|buyer|")
        yield Card(key, "person", owner, title, company.id)
    writer.done()


def phone(n: int) -> str:
    """The number of the nth person: no two alike, any run of five digits in many of them."""
    return f"+49151{n * 7_368_787 % 10**8:08}"


def _share(house: House, cards: list[Card]) -> None:
    shares = Rows(Share, "id", "type_key", "record_id", "user_id", "edit")
    for card in cards:
        shares.add(new_id(), card.type_key, card.id, house.guest.pk, True)
    shares.done()


def _moment(n: int, turn: int) -> datetime:
    return START + timedelta(days=30 * turn, seconds=n * 20)


def _events(story: Story, cards: list[Card]) -> None:
    """Every record's creation, then its changes turn by turn."""
    for turn, (n, card) in itertools.product(range(EVENTS), enumerate(cards)):
        changes: dict[str, list[Any]]
        if turn == 0:
            kind, changes = "record.created", {"owner": [None, str(card.owner)]}
        elif card.type_key == "company":
            kind, changes = "record.updated", {"employees": [turn * 10, turn * 10 + n % 7]}
        else:
            kind, changes = "record.updated", {"position": [f"Grade {turn - 1}", f"Grade {turn}"]}
        story.tell(
            _moment(n, turn), kind, card.owner, (card.type_key, card.id), turn + 1,
            {"title": card.title, "changes": changes}, [("company", card.also)] if card.also else (),
        )  # fmt: skip
