"""The models of the room, where Django looks for them."""

from comity.parties.companies.model import Company
from comity.parties.consents.model import Consent
from comity.parties.people.model import Person

__all__ = ["Company", "Consent", "Person"]
