"""The addresses of the programs' door."""

from django.urls import path

from comity.api import views

urlpatterns = [
    path("api/v1/<slug:slug>", views.records),
    path("api/v1/<slug:slug>/<uuid:record_id>", views.record),
    path("api/v1/<slug:slug>/<uuid:record_id>/story", views.story),
]
