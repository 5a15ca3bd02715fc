"""Doors of sales and tasks, as the snooper would try them: boards, Today, the calendar, dialogs, reports."""

from collections.abc import Iterator
from itertools import permutations
from urllib.parse import urlencode
from uuid import UUID

from comity.kernel.clock import now
from comity.sales.pipelines.model import GatePass
from leaks.tries import Try
from leaks.world import World

DEAL_ACTS = ("move", "move?stage=quote", "move?stage=won", "won", "lost", "reopen", "lines")
LEAD_POSTS = ("answer", "qualify", "reopen")
TASK_ACTS = ("finish", "later", "give", "drop", "help", "checklist", "repeat")
CUTS = ("month", "person", "client", "source")
VIEWS = ("mine", "attention", "month", "all")
SAMPLE_DAY = "2019-07-03"  # hidden cards have their dates about then: see support.samples


def tries(world: World) -> Iterator[Try]:
    """All of them."""
    yield from _deals(world)
    yield from _leads(world)
    yield from _tasks(world)
    yield from _today_and_calendar(world)
    yield from boards()
    yield from reports(str(world.owner.user_id))
    for page in ("", "/goals", "/pipelines", "/stages", "/lists"):
        yield Try("settings", f"/settings{page}")
    goal = ((f"user-{world.owner.user_id}", "1"), (f"user-{world.snooper.user_id}", "2000"))
    yield Try("settings", f"/settings/goals/do/people?item={now():%Y-%m}", "post", goal)


def _keys(world: World, key: str) -> list[UUID]:
    more = [ref.id for ref in (*world.theirs, *world.given_away) if ref.type == key]
    return [world.hidden[key], world.trashed[key], *more]


def _deals(world: World) -> Iterator[Try]:
    for one in _keys(world, "deal"):
        for act in DEAL_ACTS:
            yield Try("deal", f"/deals/{one}/{act}", gone=True)
            data = (("version", "1"), ("reason", "price"), ("stage", "quote"), ("lines-count", "0"))
            yield Try("deal", f"/deals/{one}/{act}", "post", data, gone=True)
        data = (("id", str(one)), ("version", "1"), ("to", "quote"))
        yield Try("board move", "/deals/board/move", "post", data, gone=True)
        yield Try("board move", f"/deals/board/move?id={one}", gone=True)
        yield Try("board move", "/deals/board/move", "post", (("id", str(one)), ("to", "won")), gone=True)
    for one in (world.visible["deal"], *(ref.id for ref in world.mine if ref.type == "deal")):
        for act in DEAL_ACTS:
            yield Try("own deal", f"/deals/{one}/{act}")
        yield Try("own card", f"/deals/{one}")
        yield Try("own card", f"/deals/{one}/story")
        yield Try("JSON own", f"/api/v1/deals/{one}")
        yield Try("own deal", f"/deals/board/move?id={one}")
    for one in GatePass.objects.values_list("pk", flat=True):
        yield Try("permission of a hidden client", f"/deals/passes/{one}/withdraw", "post")  # said to stand no more
    for event in world.events[::10]:
        yield Try("board undo", f"/deals/board/undo/{event}", "post", gone=True)
    forged = tuple(("id", str(one)) for one in _keys(world, "deal"))
    yield Try("bulk, forged ids", "/deals/bulk/stage", "post", (*forged, ("sure", "1"), ("stage", "quote")))
    yield Try("a hidden person decides", f"/deals/{world.visible['deal']}/links?kind=deal_person&side=to&roles=decider",
              "post", (("other-person", str(world.hidden["person"])), ("roles", "decider")))  # fmt: skip


def _leads(world: World) -> Iterator[Try]:
    for one in _keys(world, "lead"):
        for act in LEAD_POSTS:
            yield Try("lead", f"/leads/{one}/{act}?v=1", "post", gone=True)
        for act in ("refuse", "convert"):
            yield Try("lead", f"/leads/{one}/{act}", gone=True)
            yield Try("lead", f"/leads/{one}/{act}", "post", (("version", "1"), ("reason", "spam")), gone=True)
    mine, given = world.visible["lead"], [ref.id for ref in world.mine if ref.type == "lead"]
    for act in ("refuse", "convert"):
        yield Try("own lead", f"/leads/{mine}/{act}")
    for key in ("person", "company"):
        yield Try("converted to a hidden one", f"/leads/{mine}/convert?{key}={world.hidden[key]}")
        data = (("version", "1"), (key, str(world.hidden[key])))
        yield Try("converted to a hidden one", f"/leads/{mine}/convert", "post", data)
        data = (("version", "1"), (f"{key}-other", str(world.hidden[key])), (f"{key}-other_text", "Zqx"))
        yield Try("converted to a hidden one", f"/leads/{mine}/convert", "post", data)
    for key, one in world.hidden.items():
        yield Try("refused as a hidden one", f"/leads/{mine}/refuse?same={key}:{one}&reason=twice")
        data = (("version", "1"), ("reason", "twice"), ("same", f"{key}:{one}"))
        yield Try("refused as a hidden one", f"/leads/{mine}/refuse", "post", data)
    for one in given:
        yield Try("own card", f"/leads/{one}")
        yield Try("own card", f"/leads/{one}/story")
        yield Try("JSON own", f"/api/v1/leads/{one}")
        yield Try("JSON own story", f"/api/v1/leads/{one}/story")
        yield Try("own lead, converted", f"/leads/{one}/convert")
        yield Try("own lead, converted", f"/leads/{one}/answer?v=1", "post")
        yield Try("own lead, converted", f"/leads/{one}/reopen?v=1", "post")
    for event in world.conversion:
        yield Try("undo of what is in other hands", f"/undo/{event}", "post")


def _tasks(world: World) -> Iterator[Try]:
    for one in _keys(world, "task"):
        for act in TASK_ACTS:
            yield Try("task", f"/tasks/{one}/{act}", gone=True)
        for act in (*TASK_ACTS, "tick", "reopen"):
            data = (("version", "1"), ("user", str(world.snooper.user_id)), ("result", "x"), ("reason", "x"))
            yield Try("task", f"/tasks/{one}/{act}", "post", data, gone=True)
    mine = (world.visible["task"], *(ref.id for ref in world.mine if ref.type == "task"))
    for one in mine:
        for act in TASK_ACTS:
            yield Try("own task", f"/tasks/{one}/{act}")
            yield Try("own task", f"/tasks/{one}/{act}", fragment=True)
        yield Try("own task", f"/tasks/{one}/finish", "post", (("version", "1"), ("result", "")))
    for key, hidden in world.hidden.items():
        about = {"about": f"{key}:{hidden}"}
        for kind in ("call", "meeting"):
            query = urlencode({**about, "kind": kind})
            yield Try("planned about a hidden card", f"/tasks/plan?{query}")
            yield Try("planned about a hidden card", f"/tasks/log?{query}")
        posted = {
            **about,
            "name": "Plain",
            "kind": "task",
            "due_at": "2031-01-01T10:00",
            "owner": str(world.owner.user_id),
        }
        yield Try("planned about a hidden card", "/tasks/plan", "post", tuple(posted.items()))
        yield Try("planned about a hidden card", "/tasks/plan", "post", (*posted.items(), ("composer", "task")),
                  fragment=True)  # fmt: skip


def _today_and_calendar(world: World) -> Iterator[Try]:
    people = (world.owner.user_id, world.snooper.user_id)
    for query in ("", "?scope=team", *(f"?scope=team&who={one}" for one in people)):
        yield Try("today", f"/today{query}")
        yield Try("today", f"/today{query}", fragment=True)
    yield from calendar(people)
    for one in _keys(world, "task"):
        for act in ("done", "later"):
            yield Try("today", f"/today/{one}/{act}", gone=True)
            yield Try("today", f"/today/{act}?task={one}", gone=True)
            data = (("version", "1"), ("result", "x"), ("when", "hour"), ("move_reason", "no_time"))
            yield Try("today", f"/today/{one}/{act}", "post", data, gone=True)
        yield Try("calendar", f"/calendar/{one}", gone=True)
        yield Try("calendar", f"/calendar/{one}/move", gone=True)
        data = (("version", "1"), ("due_at", "2031-01-01T10:00"), ("move_reason", "no_time"))
        yield Try("calendar", f"/calendar/{one}/move", "post", data, gone=True)
        yield Try("calendar", "/calendar/length", "post", (("id", str(one)), ("minutes", "30")), gone=True)
        give = (("id", str(one)), ("user", str(world.snooper.user_id)))
        yield Try("today", "/today/give", "post", give, gone=True)
    many = tuple(("id", str(one)) for one in _keys(world, "task"))
    yield Try("today, forged ids", "/today/give", "post", (*many, ("user", str(world.snooper.user_id))))
    yield Try("today, forged ids", f"/today/give?id={world.hidden['task']}")
    yield Try("today, forged ids", f"/today/give?task={world.hidden['task']}")
    for act in (f"today/{world.visible['task']}/done", f"today/{world.visible['task']}/later",
                f"calendar/{world.visible['task']}", f"calendar/{world.visible['task']}/move"):  # fmt: skip
        yield Try("own task", f"/{act}")
        yield Try("own task", f"/{act}", fragment=True)
    for event in world.events[::10]:
        yield Try("undo", f"/today/undo?event={event}", "post", gone=True)
        yield Try("undo", f"/calendar/undo?event={event}", "post", gone=True)


def calendar(people: tuple[UUID | None, ...] = ()) -> Iterator[Try]:
    """The calendar's feed and its views, on the days of hidden cards and today."""
    whose = ("", "scope=team", *(f"scope=team&who={one}" for one in people))
    for day in (SAMPLE_DAY, f"{now():%Y-%m-%d}"):
        for one in whose:
            month = {"from": f"{day[:8]}01", "to": f"{day[:8]}28"}
            yield Try("calendar feed", f"/calendar/feed?{urlencode(month)}&{one}")
            for view in ("list", "month"):
                yield Try("calendar", f"/calendar?view={view}&day={day}&{one}")
            yield Try("calendar", f"/calendar?day={day}&{one}", fragment=True)


def boards() -> Iterator[Try]:
    """The board in each of its views, and what comes after it."""
    for view in VIEWS:
        yield Try("board", f"/deals/board?view={view}")
        for part in ("board", "totals"):
            yield Try("board sums" if part == "totals" else "board", f"/deals/board?view={view}&part={part}",
                      fragment=True)  # fmt: skip
    query = urlencode({"match": "all", "f-0": "name", "op-0": "contains", "v-0": "zqxhi"})
    yield Try("board", f"/deals/board?{query}")
    yield Try("board sums", f"/deals/board?{query}&part=totals", fragment=True)
    yield Try("board", "/deals/board/show", fragment=True)


def reports(owner: str = "") -> Iterator[Try]:
    """Every report with every choice it offers, as a page and as a file."""
    asked = [("funnel", {"by": by, "period": period}) for by in ("cohort", "period")
             for period in ("this_month", "past_year")]  # fmt: skip
    asked += [("sales", {"rows": rows}) for rows in CUTS]
    asked += [("sales", {"rows": rows, "columns": across}) for rows, across in permutations(CUTS, 2)]
    asked += [("leads", {"rows": rows}) for rows in ("source", "month", "owner")]
    asked += [("plan", {}), ("plan", {"month": f"{now():%Y-%m}"})]
    if owner:
        asked += [(key, {"who": owner}) for key in ("funnel", "sales", "leads")]
    yield Try("reports", "/reports")
    for key, choices in asked:
        yield Try("report", f"/reports/{key}?{urlencode(choices)}")
        yield Try("report as a file", f"/reports/{key}/export", "post", tuple(choices.items()))
    for what in ("reached", "lost", "open"):
        for stage in ("new", "qualified", "quote"):
            query = urlencode({"by": "cohort", "what": what, "stage": stage})
            yield Try("records of a figure", f"/reports/funnel/records?{query}")
    for row in ("-", "~"):
        for column in CUTS[:2]:
            query = urlencode({"rows": "client", "row": row, "columns": column})
            yield Try("records of a figure", f"/reports/sales/records?{query}")
    yield Try("records of a figure", "/reports/leads/records?rows=source&row=-")
