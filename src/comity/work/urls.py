"""The addresses of the room."""

from django.urls import path

from comity.work.calendar import acts as calendar_acts
from comity.work.calendar import page as calendar
from comity.work.notes import views as notes
from comity.work.tasks import plan_views
from comity.work.tasks import views as tasks
from comity.work.today import acts, page

urlpatterns = [
    path("today", page.today),
    path("today/done", acts.line, {"do": "done"}),
    path("today/later", acts.line, {"do": "later"}),
    path("today/give", acts.give),
    path("today/undo", acts.undo),
    path("today/<uuid:task_id>/done", acts.done),
    path("today/<uuid:task_id>/later", acts.later),
    path("calendar", calendar.calendar),
    path("calendar/feed", calendar.data),
    path("calendar/length", calendar_acts.length),
    path("calendar/undo", calendar_acts.undo),
    path("calendar/<uuid:task_id>", calendar_acts.task),
    path("calendar/<uuid:task_id>/move", calendar_acts.move),
    path("tasks/plan", plan_views.plan),
    path("tasks/log", plan_views.log),
    path("tasks/<uuid:task_id>/finish", tasks.finish),
    path("tasks/<uuid:task_id>/later", tasks.later),
    path("tasks/<uuid:task_id>/give", tasks.give),
    path("tasks/<uuid:task_id>/drop", tasks.drop),
    path("tasks/<uuid:task_id>/reopen", tasks.reopen),
    path("tasks/<uuid:task_id>/help", tasks.helpers),
    path("tasks/<uuid:task_id>/checklist", tasks.checklist),
    path("tasks/<uuid:task_id>/tick", tasks.tick),
    path("tasks/<uuid:task_id>/repeat", tasks.repeat),
    path("notes/<slug:type_key>/<uuid:record_id>", notes.write),
    path("notes/<uuid:note_id>/edit", notes.edit),
    path("notes/<uuid:note_id>/remove", notes.remove),
]
