"""An import, its rows with problems, and the keys by which other programs know our cards."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field

# reading -> read -> checking -> checked -> running -> done -> undoing -> undone; running <-> stopped; reading -> failed
STATES = ("reading", "read", "checking", "checked", "running", "stopped", "done", "undoing", "undone", "failed")
WORKING = ("reading", "checking", "running", "undoing")


class Import(models.Model):
    """A file on its way into the base. The file itself is a StoredFile of the type "import".

    opening   how the file is opened: {"sheet", "encoding", "delimiter", "header"}, as far as a person has said
    found     what the look at the file gave; see `reading`
    mapping   {"main", "source", "columns": [{"to", "sure", "decimal", "order"}], "values": {column: {text: key}}}
    choices   {"policy": {type: ...}, "keys": {type: [...]}, "bad": "refuse" | "note"}
    checked   what the dry run gave; see `planning`
    counts    what has been done so far, in the same form
    done      rows of data behind it, of `total`; while it is undone: events
    batch     of all its events; undo_batch: of those that took it back
    undone_to the event the undoing has come down to
    left      [[type, id, title, field keys]] of what was changed since, and so not taken back
    turn      how often it was begun or gone on with: the key of its job
    """

    id = key_field()
    made_by = KeyField()
    made_at = models.DateTimeField(default=now)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="reading")
    opening = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    checked = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    batch = KeyField(null=True)
    undo_batch = KeyField(null=True)
    undone_to = models.BigIntegerField(null=True)
    left = models.JSONField(default=list)
    turn = models.PositiveIntegerField(default=0)
    problem = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_by", "made_at"], name="imports_of_colleague")]


class ImportRow(models.Model):
    """A row of the file that was refused, or of which something is to be told.

    number    as a person sees it in the sheet; position: counted from 0, as readers do
    reasons   [[heading of the column or "", what is wrong]]
    """

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    refused = models.BooleanField(default=True)
    reasons = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["load", "refused", "position"], name="problem_rows_of_import")]


class ExternalKey(models.Model):
    """By which key a source knows a card, so that the second load of a file finds what the first one made.

    external  the key itself; "n:" + folded name of what the source has no key of; "f:" + digest of what a row says
    row       of the file, as a person sees it there
    Not unique: a key may name a card hidden from who loads the file next, and he is told nothing of that one.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    type_key = models.CharField(max_length=40)
    external = models.CharField(max_length=200)
    record_id = KeyField()
    load = models.ForeignKey(Import, null=True, on_delete=models.CASCADE, related_name="keys")
    row = models.PositiveIntegerField(default=0)
    made = models.BooleanField(default=False)  # the row made the card; else it was here

    class Meta:
        indexes = [
            models.Index(fields=["type_key", "source", "external"], name="external_key"),
            models.Index(fields=["type_key", "record_id"], name="external_keys_of_record"),
            models.Index(fields=["load", "id"], name="external_keys_of_import"),
        ]
