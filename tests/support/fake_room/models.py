"""A card of the fake room, with a field of every kind."""

from comity.records.fields import choice, of, option, text
from comity.records.models import Record

SIZES = (
    option("small", "Small", "Малый", "Малий", "Малък", "Kecil", "صغير", hue=1),
    option("large", "Large", "Большой", "Великий", "Голям", "Besar", "كبير"),
)


class Gadget(Record):
    """One field of every kind."""

    specs = (
        text("name", "Name f", "Имя f", "Ім’я f", "Име f", "Nama f", "اسم f", required="always", search=True,
             duplicate=True),
        of("longtext", "story", "a", "б", "в", "г", "d", "ه", search=True),
        of("integer", "pieces", "a", "б", "в", "г", "d", "ه", unit="pieces"),
        of("number", "weight", "a", "б", "в", "г", "d", "ه", unit="kilogram"),
        of("percent", "margin", "a", "б", "в", "г", "d", "ه"),
        of("money", "price", "a", "б", "в", "г", "d", "ه"),
        of("date", "made_on", "a", "б", "в", "г", "d", "ه"),
        of("datetime", "sold_at", "a", "б", "в", "г", "d", "ه"),
        of("bool", "fragile", "a", "б", "в", "г", "d", "ه"),
        choice("size", "a", "б", "в", "г", "d", "ه", choices=SIZES),
        of("choices", "colours", "a", "б", "в", "г", "d", "ه", choices=SIZES),
        of("language", "manual", "a", "б", "в", "г", "d", "ه"),
        of("languages", "manuals", "a", "б", "в", "г", "d", "ه"),
        of("country", "origin", "a", "б", "в", "г", "d", "ه"),
        of("currency", "billed_in", "a", "б", "в", "г", "d", "ه"),
        of("user", "tester", "a", "б", "в", "г", "d", "ه"),
        of("team", "workshop", "a", "б", "в", "г", "d", "ه"),
        of("link", "maker", "a", "б", "в", "г", "d", "ه", target="company"),
        of("card", "about", "a", "б", "в", "г", "d", "ه"),
        of("phones", "phones", "a", "б", "в", "г", "d", "ه", search=True, duplicate=True),
        of("emails", "emails", "a", "б", "в", "г", "d", "ه", search=True, duplicate=True),
        of("handles", "handles", "a", "б", "в", "г", "d", "ه", search=True),
        of("url", "page", "a", "б", "в", "г", "d", "ه", search=True),
        of("address", "place", "a", "б", "в", "г", "d", "ه", search=True),
        of("taxnumber", "licence", "a", "б", "в", "г", "d", "ه", search=True),
    )  # fmt: skip
