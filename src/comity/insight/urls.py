"""The addresses of the room."""

from django.urls import path

from comity.insight import views

urlpatterns = [
    path("reports", views.index),
    path("reports/<slug:key>", views.report),
    path("reports/<slug:key>/export", views.export),
    path("reports/<slug:key>/records", views.records),
]
