"""What is looked through: one row of folded text per record, beside the records, so that their tables stay lean."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import FoldField, KeyField, key_field


class SearchDoc(models.Model):
    """The searchable words of one record, written by the search consumer alone.

    All texts are words of kernel.text.words with one space before, between and after them: a phrase with a leading
    space is the beginning of a word, one with a trailing space its end.

    text   everything, for the trigram index
    parts  {field key, "title" or the key of a text source: its words}, to test a find against what the finder may read
    title  words of the title without the outer spaces, for finds by its beginning
    """

    type_key = models.CharField(max_length=40)
    record_id = KeyField()
    text = models.TextField(default="")
    parts = models.JSONField(default=dict)
    title = FoldField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type_key", "record_id"], name="one_search_doc")]
        indexes = [models.Index(fields=["title", "type_key", "record_id"], name="search_by_title")]


class DuplicateKey(models.Model):
    """What a card has in common with those that may be the same: written by search.twins alone.

    rule  a key of search.rules; of phones and addresses there is none, their own rows are looked up
    key   the skeleton of a name as it sounds, or the value itself
    """

    id = models.BigAutoField(primary_key=True)
    type_key = models.CharField(max_length=40)
    record_id = KeyField()
    rule = models.CharField(max_length=40)
    key = models.CharField(max_length=120)

    class Meta:
        indexes = [
            models.Index(fields=["type_key", "rule", "key", "record_id"], name="duplicate_keys"),
            models.Index(fields=["record_id"], name="duplicate_keys_of_record"),
        ]


class DuplicateRules(models.Model):
    """What the company has changed of how duplicates of a type are told: see search.rules."""

    id = key_field()
    type_key = models.CharField(max_length=40, unique=True)
    weights = models.JSONField(default=dict)
    threshold = models.PositiveSmallIntegerField(default=40)
