"""Fills the base of an installation with what a firm has after a while, as a program of its own: `python -m` this.

A kind of cards of the firm's own with formulas, links and files; two cards merged, and two parted again; a file loaded,
and one taken back; a webhook; layouts of a list and of the menu; a journal of consents with an entry taken back. What a
test wants to find again is printed as JSON.
"""

import json
import os
from io import BytesIO
from typing import Any
from uuid import UUID


def main() -> None:
    """Make it all through commands and pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    import django

    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile

    from comity.access.actors import user_actor
    from comity.api.webhooks.commands import Subscribe
    from comity.changes.bus import run
    from comity.changes.commands import Trash
    from comity.changes.files import AddFiles, NewFile
    from comity.changes.settings import DeleteSetting, SaveSetting
    from comity.changes.undo import Undo
    from comity.exchange.merging.commands import MergeRecords
    from comity.identity.models import User
    from comity.kernel import storage
    from comity.parties.consents.commands import NoteConsent
    from comity.records.models import Relation, StoredFile
    from support import fields, formulas
    from support.browser import browser
    from support.house import again, company, person
    from support.imports import loaded, table, taken_back

    boss = user_actor(User.objects.get(administrator=True).pk)
    fields.kind(boss)
    fields.field(boss, "own_property", "area", "number", unit="square_metre", indexed=True)
    fields.field(boss, "own_property", "price", "money")
    fields.field(boss, "own_property", "owner", "relation", target="company")
    fields.field(boss, "own_property", "parties", "relation", several=True)
    fields.field(boss, "own_property", "plan", "file")
    formulas.formula(boss, "own_property", "each", "own_price / own_area")
    formulas.formula(boss, "company", "worth", "sum(own_property[own_owner].own_price)")
    dropped = fields.field(boss, "own_property", "old", "text")
    orchard, mill = company(boss, "Orchard"), company(boss, "Mill")
    given = {"own_area": "80", "own_price": {"amount": "160000", "currency": "EUR"}, "own_owner": str(orchard),
             "own_parties": [str(orchard), str(mill)], "own_old": "was here"}  # fmt: skip
    house = fields.card(boss, "own_property", "Mill Lane", **given)
    run(again(boss), Trash("own_property", fields.card(boss, "own_property", "In the trash", **given).id))
    run(again(boss), DeleteSetting("field", dropped.id))
    sent = {"version": "1", "own_plan": [""], "own_plan-new": [SimpleUploadedFile("plan.txt", b"four walls")]}
    answer = browser(again(boss)).post(f"/properties/{house.id}/fields/own_plan", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and StoredFile.objects.filter(field="own_plan").exists(), answer.content

    lost, parted = company(boss, "Orchard Ltd"), company(boss, "Orchards")
    ann = person(boss, "Ann", "Apple", company=str(lost.id))
    sheet = storage.save(BytesIO(b"signed"), 1000)
    new = NewFile("signed.pdf", sheet.sha256, sheet.size, "application/pdf")
    scan = UUID(run(again(boss), AddFiles("person", ann.id, [new])).data["files"][0])
    run(again(boss), NoteConsent(ann.id, "mail", True, "2026-01-05", "paper", "At the fair", scan))
    agreed = run(again(boss), NoteConsent(ann.id, "mail", False, "2026-01-06"))
    run(again(boss), Undo(agreed.event or 0))
    run(again(boss), MergeRecords("company", orchard.id, lost.id, 1, 1, {}))
    again_two = run(again(boss), MergeRecords("company", mill.id, parted.id, 1, 1, {}))
    run(again(boss), Undo(again_two.event or 0))

    rows = [
        ["First name", "Last name", "Company"],
        ["Ida", "Import", "Mill"],
        ["", "", ""],
        ["Otto", "Order", "New Ltd"],
    ]
    load = loaded(boss, table(rows), "kept.csv")
    taken_back(boss, loaded(boss, table([rows[0], ["Una", "Undone", "Gone Ltd"]]), "undone.csv"))
    run(again(boss), Subscribe("https://hooks.example/in", ["record.created"]))
    for type_key, part, what in (("own_property", "list", {"columns": ["own_area", "own_each"], "sort": "-own_area"}),
                                 ("", "menu", {"order": [], "groups": {}, "hidden": ["board"]})):  # fmt: skip
        run(again(boss), SaveSetting("layout", {"type_key": type_key, "part": part, "what": what}))
    where = {"all": [{"field": "own_area", "op": "more", "value": "500"}]}
    rule = {"name": "Large ones", "type_key": "own_property", "months": 24, "then": "trash", "where": where}
    run(again(boss), SaveSetting("keeping_rule", rule))
    run(again(boss), SaveSetting("trash_term", {"days": "90"}))
    formulas.settle()
    told: dict[str, Any] = {
        "house": str(house.id), "kept": str(orchard.id), "lost": str(lost.id), "batch": str(load.batch),
        "links": Relation.objects.count(), "ann": str(ann.id), "scan": str(scan),
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
