"""The live stream: who hears of what, replay, the end of a session, a stop in the middle."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Trash, Update
from comity.identity import sessions
from comity.identity.models import Session, User
from comity.notices import stream, watch
from comity.records.models import RecordRef
from comity.timeline import sequencer
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """One open stream, driven as the server drives it."""

    def __init__(self, cookie: str, last: int | None = None, method: str = "GET", query: str = "") -> None:
        headers = [(b"cookie", f"theme=dark; comity_session={cookie}".encode())]
        if last is not None:
            headers.append((b"last-event-id", str(last).encode()))
        self.status = 0
        self.ended = False
        self.text = ""
        self._more = asyncio.Event()
        self._leave = asyncio.Event()
        scope = {
            "type": "http", "method": method, "path": "/live", "headers": headers, "query_string": query.encode(),
        }  # fmt: skip
        self.task = asyncio.create_task(stream.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message.get("body", b"").decode()
            self.ended = not message.get("more_body", False)
        self._more.set()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]

    def topics(self) -> set[str]:
        return {topic for message in self.messages() for topic in message["topics"]}

    async def until(self, fits: Callable[["Browser"], bool]) -> None:
        """Wait for something to have arrived."""
        async with asyncio.timeout(20):
            while not fits(self):
                self._more.clear()
                await self._more.wait()

    async def leave(self) -> None:
        self._leave.set()
        with suppress(asyncio.CancelledError):
            await self.task


async def do(work: Callable[[], Any]) -> Any:
    """Use the base in another thread, as a page would."""

    def inner() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(inner)


def in_a_loop(main: Coroutine[Any, Any, Any]) -> Any:
    """What `main` gives, run in a thread: browser tests before this one have left a running loop in ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, main).result()


async def rest() -> None:
    """Until the hub has nobody left and has put its connection away."""
    hub = stream._hub()
    assert not hub.readers
    while hub._polling is not None:
        await asyncio.sleep(0.01)
    await hub.run(watch.put_away)
    hub._pool.shutdown()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stream, "POLL", 0.01)
    monkeypatch.setattr(stream, "CHECK", 0.0)
    yield
    snapshot.forget()


def cookie_of(actor: Actor) -> str:
    return sessions.start(actor.user_id, "127.0.0.1", "test")  # type: ignore[arg-type]


def change(actor: Actor, ref: RecordRef, about: str = "x") -> None:
    run(again(actor), Update(ref.type, ref.id, 0, {"about": about}))
    dispatcher.drain()


def test_only_who_sees_a_card_hears_of_it(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    hidden, shared = company(anna, "Тайна"), company(anna, "Общая")
    Share.objects.create(type_key="company", record_id=shared.id, user_id=boris.user_id)
    cookies = [cookie_of(anna), cookie_of(boris), cookie_of(boss)]

    async def main() -> list[Browser]:
        browsers = [Browser(cookie) for cookie in cookies]
        for one in browsers:
            await one.until(lambda b: "retry:" in b.text)
        await do(lambda: change(anna, hidden))
        await browsers[0].until(lambda b: str(hidden) in b.topics())
        await do(lambda: change(anna, shared))
        for one in browsers:
            await one.until(lambda b: str(shared) in b.topics())
            await one.leave()
        await rest()
        return browsers

    one, two, three = in_a_loop(main())
    assert {str(hidden), str(shared), "company"} <= one.topics()
    assert str(hidden) in three.topics()
    assert two.topics() == {str(shared), "company"}
    assert "Тайна" not in one.text
    assert one.messages()[-1]["seq"] == sequencer.head()


def test_a_card_gone_to_the_trash_is_heard(boss: Actor) -> None:
    anna = colleague("Anna")
    ref = company(anna, "Лотос")
    cookie = cookie_of(anna)

    async def main() -> None:
        browser = Browser(cookie)
        await browser.until(lambda b: "retry:" in b.text)
        await do(lambda: run(again(anna), Trash("company", ref.id)))
        await browser.until(lambda b: str(ref) in b.topics())
        await browser.leave()
        await rest()

    in_a_loop(main())


def test_the_bell_rings_for_its_owner(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    ref = company(boss, "Лотос")
    cookies = [cookie_of(anna), cookie_of(boris)]

    def give() -> None:
        run(again(boss), Update("company", ref.id, 0, {"owner": str(anna.user_id)}))
        dispatcher.drain()

    async def main() -> list[Browser]:
        browsers = [Browser(cookie) for cookie in cookies]
        for one in browsers:
            await one.until(lambda b: "retry:" in b.text)
        await do(give)
        await browsers[0].until(lambda b: "notices" in b.topics())
        for one in browsers:
            await one.leave()
        await rest()
        return browsers

    assert in_a_loop(main())[1].topics() == set()


@pytest.mark.parametrize("asked", ["header", "query"])
def test_what_was_missed_is_told_on_return(boss: Actor, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """To a browser that comes back, and to the tab that takes the stream over from another one."""
    anna, boris = colleague("Anna"), colleague("Boris")
    first = company(anna, "Первая")
    last = sequencer.head()
    second, other = company(anna, "Вторая"), company(boris, "Чужая")
    dispatcher.drain()
    cookie = cookie_of(anna)

    async def main(after: int, expected: str) -> Browser:
        browser = Browser(cookie, last=after) if asked == "header" else Browser(cookie, query=f"after={after}")
        await browser.until(lambda b: expected in b.topics())
        await browser.leave()
        await rest()
        return browser

    topics = in_a_loop(main(last, str(second))).topics()
    assert str(first) not in topics
    assert str(other) not in topics
    monkeypatch.setattr(watch, "REPLAY", 0)
    told = in_a_loop(main(last, "all"))
    assert told.topics() == {"all"}
    assert told.messages()[0] == {"topics": [], "seq": last}


@pytest.mark.parametrize("end", ["session", "user", "eyes"])
def test_the_stream_ends_with_the_session(boss: Actor, end: str) -> None:
    anna = colleague("Anna")
    cookie = cookie_of(boss if end == "eyes" else anna)

    def stop() -> None:
        if end == "session":
            sessions.end(Session.objects.get().id)
        elif end == "user":
            User.objects.filter(pk=anna.user_id).update(active=False)
        else:
            Session.objects.update(see_as_id=anna.user_id)

    async def main() -> Browser:
        browser = Browser(cookie)
        await browser.until(lambda b: "retry:" in b.text)
        await do(stop)
        await browser.until(lambda b: b.ended)
        await browser.task
        await rest()
        return browser

    assert in_a_loop(main()).status == 200


@pytest.mark.parametrize(("cookie", "method", "status"), [("", "GET", 401), ("wrong", "GET", 401), ("x", "POST", 405)])
def test_strangers_are_turned_away(boss: Actor, cookie: str, method: str, status: int) -> None:
    async def main() -> int:
        browser = Browser(cookie, method=method)
        await browser.task
        await rest()
        return browser.status

    assert in_a_loop(main()) == status


def test_a_stop_waits_for_nobody_and_silence_is_filled(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING", 0.01)
    cookie = cookie_of(boss)

    async def main() -> None:
        browser = Browser(cookie)
        await browser.until(lambda b: ": ping" in b.text)
        browser.task.cancel()
        with suppress(asyncio.CancelledError):
            await browser.task
        await rest()

    in_a_loop(main())


def test_a_failed_look_is_followed_by_another(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = colleague("Anna")
    ref = company(anna, "Лотос")
    cookie = cookie_of(anna)
    monkeypatch.setattr(stream, "PAUSE", 0.01)
    look, failures = watch.Watch.look, iter([True])

    def shaky(self: watch.Watch, *args: Any) -> watch.News:
        if next(failures, False):
            raise ConnectionError("the base is away")
        return look(self, *args)

    monkeypatch.setattr(watch.Watch, "look", shaky)

    async def main() -> None:
        browser = Browser(cookie)
        await browser.until(lambda b: "retry:" in b.text)
        await do(lambda: change(anna, ref))
        await browser.until(lambda b: str(ref) in b.topics())
        await browser.leave()
        await rest()

    in_a_loop(main())
