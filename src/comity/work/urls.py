"""The addresses of the room."""

from django.urls import path

from comity.work.notes import views as notes
from comity.work.today import acts, page

urlpatterns = [
    path("today", page.today),
    path("today/give", acts.give),
    path("today/undo", acts.undo),
    path("today/<uuid:task_id>/done", acts.done),
    path("today/<uuid:task_id>/later", acts.later),
    path("notes/<slug:type_key>/<uuid:record_id>", notes.write),
    path("notes/<uuid:note_id>/edit", notes.edit),
    path("notes/<uuid:note_id>/remove", notes.remove),
]
