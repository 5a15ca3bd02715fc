"""The addresses of the door."""

from django.urls import path

from comity.ui.pages import login

urlpatterns = [
    path("login", login.login, name="login"),
    path("logout", login.logout, name="logout"),
    path("welcome/<str:secret>", login.one_time, name="one_time"),
]
