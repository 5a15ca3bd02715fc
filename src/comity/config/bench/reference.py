"""The measure: 50 rows of 7 plain cells through the ORM and a plain Django template; no middleware, no login."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from comity.parties.models import Person

COLUMNS = ("given_name", "patronymic", "family_name", "title", "position", "gender", "salutation")
PAGE = Engine().from_string("""<!doctype html>
<html><head><title>People</title></head><body><table>
{% for row in rows %}<tr>
<td>{{ row.given_name }}</td><td>{{ row.patronymic }}</td><td>{{ row.family_name }}</td><td>{{ row.title }}</td>
<td>{{ row.position }}</td><td>{{ row.gender }}</td><td>{{ row.salutation }}</td>
</tr>{% endfor %}
</table></body></html>""")


def people(request: HttpRequest) -> HttpResponse:
    """The first page of all people."""
    rows = Person.unguarded.filter(deleted_at=None).order_by("sort_key", "id").values(*COLUMNS)[:50]
    return HttpResponse(PAGE.render(Context({"rows": rows})))


urlpatterns = [path("", people)]
