"""Every address of the installation, gathered from the rooms."""

from django.urls import path

urlpatterns: list[path] = []
