"""What holds for the demo company in whatever language."""

import re

import phonenumbers

from comity.identity.models import Organization, User
from comity.parties.companies.model import Company
from comity.parties.people.model import Person
from comity.records.models import ContactPoint


def assert_invented(language: str) -> None:
    """The loaded base is whole, and every address, number and name of it is nobody's."""
    assert Company.unguarded.filter(deleted_at=None).count() == 120
    assert Person.unguarded.filter(deleted_at=None).count() == 200
    rows = list(ContactPoint.objects.values_list("type_key", "kind", "value"))
    points = [(kind, value) for _type, kind, value in rows]
    mails = [value for kind, value in points if kind == "email"] + list(User.objects.values_list("email", flat=True))
    assert len(mails) > 300
    assert all(value.endswith(".example") for value in mails)
    assert all(value.endswith(".example") for kind, value in points if kind == "handle")
    sites = Company.unguarded.exclude(website="").values_list("website", flat=True)
    assert all(re.fullmatch(r"https://[a-z-]+\.example", site) for site in sites)
    phones = [value for kind, value in points if kind == "phone"]
    numbers = [(type_key, value) for type_key, kind, value in rows if kind == "phone"]
    assert len(set(numbers)) == len(numbers) > 300  # nobody's twice; a lead and who it became have the same
    for phone in phones:
        reserved = phone.startswith(("+442079460", "+447700900"))  # for fiction, says the British regulator
        assert reserved or not phonenumbers.is_valid_number(phonenumbers.parse(phone)), phone
    people = list(Person.unguarded.values_list("given_name", "patronymic", "family_name"))
    assert len({(given, family) for given, _patronymic, family in people}) == 200
    assert Organization.objects.get().language == language
