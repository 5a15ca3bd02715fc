"""Version stamps: what a process has cached is fresh as long as its stamp stands."""

from django.db.models import F

from comity.kernel.models import Stamp
from comity.kernel.transaction import write_transaction

SETTINGS = "settings"  # all that access.snapshot holds


def bump(name: str) -> None:
    """Say that what `name` stands for has changed; takes effect with the caller's transaction."""
    with write_transaction():
        stamp = Stamp.objects.filter(name=name)
        if not stamp.update(value=F("value") + 1):
            Stamp.objects.bulk_create([Stamp(name=name)], ignore_conflicts=True)
            stamp.update(value=F("value") + 1)


def read(name: str) -> int:
    """The present value; 0 before the first bump."""
    return Stamp.objects.filter(name=name).values_list("value", flat=True).first() or 0


def read_all() -> dict[str, int]:
    """Every stamp in one query: the check a request makes once."""
    return dict(Stamp.objects.values_list("name", "value"))
