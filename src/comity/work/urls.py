"""The addresses of the room."""

from django.urls import path

from comity.work.notes import views as notes

urlpatterns = [
    path("notes/<slug:type_key>/<uuid:record_id>", notes.write),
    path("notes/<uuid:note_id>/edit", notes.edit),
    path("notes/<uuid:note_id>/remove", notes.remove),
]
