"""The doors of merging, of the queue of likely pairs and of handing over, as the snooper would try them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from comity.records import types
from leaks.tries import Try
from leaks.world import World

MERGEABLE = ("person", "company", "lead")


def tries(world: World) -> Iterator[Try]:
    """All of them, with cards he may not know of on either side."""
    for key in MERGEABLE:
        if key not in world.visible:
            continue
        slug, mine = types.get(key).slug, world.visible[key]
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
            yield Try("hand over a hidden card", f"/{slug}/bulk/handover", "post", (("id", str(other)),))
        yield Try("merge", f"/merge/{slug}/{mine}")
    yield Try("likely pairs", "/duplicates")
    yield Try("hand over", "/handover")
    yield Try("hand over", f"/handover?{urlencode({'from_user': str(world.owner.user_id)})}")
