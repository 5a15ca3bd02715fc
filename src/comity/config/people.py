"""What the command line does with people: through the same commands as the pages, as the house itself."""

from django.conf import settings

from comity.access import actors
from comity.access.actors import Actor
from comity.identity.models import User
from comity.kernel.text import fold


def house() -> Actor:
    """The actor of the command line: whoever may run it on the server may do everything."""
    return actors.system("command line")


def by_email(email: str) -> User:
    """The person with this address; SystemExit with a sentence when there is none."""
    user = User.objects.filter(email_fold=fold(email.strip())).first()
    if user is None:
        raise SystemExit(f"Nobody here has the e-mail address {email}. `comity user list` shows all.")
    return user


def link_address(path: str) -> str:
    """The full address of a one-time link."""
    return f"{settings.ADDRESS.public}{path}"
