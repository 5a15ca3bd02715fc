"""The addresses of the settings."""

from django.urls import path

from comity.ui.pages.settings import (
    audit,
    branches,
    company,
    fields,
    kit,
    layouts,
    lists,
    me,
    modules,
    openings,
    people,
    programs,
    roles,
    rules,
    see_as,
    teams,
    tokens,
    types,
    use,
    words,
)

# Importing them registers them.
PAGES = (
    me, tokens, openings, company, branches, modules, people, programs, teams, roles, rules, fields, use, types,
    layouts, lists, words, audit,
)  # fmt: skip

urlpatterns = [
    path("settings", kit.show),
    path("settings/", kit.show),
    path("settings/find", kit.search),
    path("settings/see-as/stop", see_as.stop),
    path("settings/<slug:key>", kit.show),
    path("settings/<slug:key>/do/<slug:name>", kit.act),
    path("settings/<slug:key>/<slug:item>", kit.show),
    path("settings/<slug:key>/<slug:item>/do/<slug:name>", kit.act),
]
