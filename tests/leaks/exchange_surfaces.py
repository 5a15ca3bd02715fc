"""The doors of merging, of likely pairs, of handing over, of files in and out, as the snooper would try them."""

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from leaks.tries import Try
from leaks.world import FRAGMENT, OWN, World, type_of

MERGEABLE = ("person", "company", "lead", OWN)


def tries(world: World) -> Iterator[Try]:
    """All of them, with cards he may not know of on either side."""
    for key in MERGEABLE:
        if key not in world.visible:
            continue
        slug, mine = type_of(key).slug, world.visible[key]
        yield Try("likely pairs", f"/duplicates/{slug}")
        yield Try("pairs told apart", f"/duplicates/{slug}?state=different")
        yield Try("likely pairs, another page", f"/duplicates/{slug}?after=100.{world.hidden[key]}")
        yield Try("merge of many", f"/duplicates/{slug}/merge?least=1")
        for other in (world.hidden[key], world.trashed[key]):
            yield Try("merge, hidden card", f"/merge/{slug}/{other}", gone=True)
            yield Try("merge, hidden card lost", f"/merge/{slug}/{mine}/{other}", gone=True)
            yield Try("merge, hidden card kept", f"/merge/{slug}/{other}/{mine}", gone=True)
            yield Try("merge, hidden card lost", f"/merge/{slug}/{mine}/{other}", "post", gone=True)
            yield Try("merge, hidden card kept", f"/merge/{slug}/{other}/{mine}", "post", gone=True)
            yield Try("merge with a hidden card", f"/merge/{slug}/{mine}", "post", (("other", str(other)),))
            ends = (("first", str(mine)), ("second", str(other)))
            yield Try("told apart from a hidden card", f"/duplicates/{slug}/different", "post", ends, gone=True)
            yield Try("told the same as a hidden card", f"/duplicates/{slug}/again", "post", ends, gone=True)
            for method in ("get", "post"):
                yield Try("delete for good", f"/trash/{slug}/{other}/delete", method, gone=True)
                yield Try("erase", f"/erase/{slug}/{other}", method, gone=True)
            yield Try("hand over a hidden card", f"/{slug}/bulk/handover", "post", (("id", str(other)),))
            yield Try("merge of many", f"/{slug}/bulk/merge", "post", (("id", str(mine)), ("id", str(other))))
        yield Try("merge", f"/merge/{slug}/{mine}")
        yield Try("erase", f"/erase/{slug}/{mine}")
        yield Try("trash emptied", f"/trash/{slug}/empty")
        yield Try("trash emptied", f"/trash/{slug}/empty", "post", (("before", "2099-01-01T00:00:00+00:00"),))
        yield Try("merge of many", f"/duplicates/{slug}/merge", "post", (("least", "1"), ("digest", "0")))
    yield Try("likely pairs", "/duplicates")
    yield Try("hand over", "/handover")
    yield Try("hand over", f"/handover?{urlencode({'from_user': str(world.owner.user_id)})}")
    plan = world.others["handover"]
    for path in ("", f"?to={world.snooper.user_id}"):
        yield Try("plan of another", f"/handover/{plan}{path}", gone=True)
    for act in ("go", "undo"):
        yield Try(
            "plan of another", f"/handover/{plan}/{act}", "post", (("to", str(world.snooper.user_id)),), gone=True
        )
    rule = world.others["rule"]
    yield Try("cards nobody touches", f"/keeping/{rule}")
    yield Try("cards nobody touches", f"/keeping/{rule}?after={world.hidden['person']}")
    for one in (world.hidden["person"], world.trashed["person"]):
        yield Try("hidden card kept", f"/keeping/{rule}/{one}/keep", "post", gone=True)
    yield from _files_in(world.others["import"])
    yield from _files_out(world)


def _files_in(load: UUID) -> Iterator[Try]:
    yield Try("loads", "/import")
    yield Try("load of another", f"/import/{load}", gone=True)
    yield Try("load of another", f"/import/{load}/refused.csv", gone=True)
    for act in ("map", "open", "run", "stop", "undo", "forget"):
        yield Try("load of another", f"/import/{load}/{act}", "post", (("main", "person"),), gone=True)


def _files_out(world: World) -> Iterator[Try]:
    yield Try("files", "/exports")
    for path in ("", "/file"):
        yield Try("file of another", f"/exports/{world.others['export']}{path}", gone=True)
    yield Try("file of another", f"/exports/{world.others['export']}/stop", "post", gone=True)
    for key in world.visible:
        slug = type_of(key).slug
        query = urlencode({"match": "all", "f-0": type_of(key).title_fields[0], "op-0": "contains", "v-0": FRAGMENT})
        for asked in ("", "?view=all", f"?{query}"):
            yield Try("list as a file", f"/exports/new/{slug}{asked}")
        yield Try("list as a file", f"/exports/new/{slug}", "post", (("format", "nonsense"),))
