"""Users of small applications who lose their connections and come back: what is recorded of it, and what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_startup.boot import record
from pytest_startup.checks import backoff, keeping, returning
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import written

APPLICATION = """
    import asyncio, itertools, json, time
    from urllib.parse import parse_qsl

    MODE = "@MODE@"
    SIZE, OFTEN = 20, 8
    users, mailboxes = itertools.count(1), {}

    class Mailbox:
        def __init__(self):
            self.sockets, self.kept, self.last, self.visits = [], [], 0, 0
            self.moments, self.pause, self.until, self.lost = [], 0.1, 0.0, 0

        async def put(self, kind, high=False, confirm=False, **fields):
            self.last += 1
            frame = {"kind": kind, "seq": self.last, **fields}
            item = {"frame": frame, "high": high, "confirm": confirm, "sent": False}
            self.kept.append(item)
            if len([each for each in self.kept if not each["sent"]]) > SIZE:
                plain = [each for each in self.kept if not each["sent"] and not each["high"]]
                self.kept.remove(plain[0])
                self.lost += 1
            for send in list(self.sockets):
                item["sent"] = True
                await send({"type": "websocket.send", "text": json.dumps(frame)})

        async def open(self, send, after):
            if self.lost:
                await send({"type": "websocket.send", "text": json.dumps({"kind": "lost", "count": self.lost})})
                self.lost = 0
            for item in list(self.kept):
                fresh = not item["sent"] or item["confirm"]
                if fresh if after is None else item["frame"]["seq"] > after:
                    item["sent"] = True
                    await send({"type": "websocket.send", "text": json.dumps(item["frame"])})
            self.sockets.append(send)

        def may_come(self):
            now = time.monotonic()
            self.moments = [each for each in self.moments if now - each < 5]
            if now < self.until or len(self.moments) >= OFTEN and not self.until:
                self.pause *= 2
                self.until = now + self.pause
                return False
            if self.until:
                self.moments, self.until = [], 0.0
            self.moments.append(now)
            return True

    class Post:
        async def send(self, user, text, **more):
            await mailboxes.setdefault(str(user), Mailbox()).put("note", text=text, **more)

    post = Post()

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await talk(dict(parse_qsl(scope["query_string"].decode())), receive, send)
        else:
            await receive()
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps({"id": next(users)}).encode()})

    async def talk(query, receive, send):
        await receive()
        mailbox = mailboxes.setdefault(query["user"], Mailbox())
        if MODE == "once" and mailbox.visits:
            return await send({"type": "websocket.close", "code": 1008})
        mailbox.visits += 1
        if MODE == "forgetful":
            mailbox.kept = []
        if MODE != "no resume" and not mailbox.may_come():
            await send({"type": "websocket.accept"})
            told = f"come back in {mailbox.pause} s"
            return await send({"type": "websocket.close", "code": 4029, "reason": told})
        await send({"type": "websocket.accept"})
        await mailbox.open(send, int(query["after"]) if "after" in query else None)
        threads = itertools.count(int(query["user"]) * 100)
        while (said := await receive())["type"] != "websocket.disconnect":
            said = json.loads(said["text"])
            if said["kind"] == "ack":
                mailbox.kept = [each for each in mailbox.kept if each["frame"]["seq"] > said["seq"]]
            elif said["kind"] == "where":
                where = {"kind": "here", "seen": mailbox.last}
                await send({"type": "websocket.send", "text": json.dumps(where)})
            else:
                run = asyncio.ensure_future(answer(mailbox, said, said.get("thread") or next(threads)))
        mailbox.sockets.remove(send)

    async def answer(mailbox, said, thread):
        for kind in ("began", "thinking"):
            await mailbox.put(kind, thread=thread)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        await mailbox.put("ended", thread=thread, text=said["text"])
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
[health]
readiness = false
[[journeys]]
name = "log-in"
steps = [{ post = "/users", json = { name = "{nonce}" }, capture = { id = "id" } }]
[chat]
journey = "log-in"
socket = "/ws?user={id}"
ask = { kind = "ask", text = "{nonce}" }
type = "kind"
events = ["began", "thinking", "ended"]
ignored = ["lost"]
run = "thread"
answer = "text"
[websocket]
[websocket.reconnect]
resume = { query = { after = "{last}" } }
last = "seq"
capture = { thread = "thread" }
put = "app:post.send('{id}', '{nonce}')"
turn = { thread = "{thread}" }
state = { say = { kind = "where" }, receive = { kind = "here" } }
storm = 20
[websocket.reconnect.backoff]
within = 5
attempts = 8
refused = [4029]
pause = "reason:come back in ([0-9.]+) s"
[websocket.buffer]
put = "app:post.send('{id}', '{nonce}')"
put_high = "app:post.send('{id}', '{nonce}', high=True)"
size = 20
told = { kind = "lost" }
[websocket.confirm]
put = "app:post.send('{id}', '{nonce}', confirm=True)"
say = { kind = "ack", seq = "{id}" }
id = "seq"
"""

QUICK = """[websocket.reconnect]
max_seconds = 0.5
"""
"""Where nothing comes, it need not be waited for."""

RETURNS = Variation(exercise=Exercise("reconnect"))


def used(mode: str, keeper: Keeper, directory: Path, toml: str = CONTRACT) -> tuple[Trace, Contract]:
    """Use the application in a mode; return the trace and the contract."""
    trace = record(written(directory, APPLICATION.replace("@MODE@", mode), toml), keeper, RETURNS)
    return trace, read(directory / "startup.toml")


def found(boot: tuple[Trace, Contract]) -> dict[str, Any]:
    """Return what each check says."""
    trace, contract = boot
    assert contract.websocket is not None
    assert contract.websocket.reconnect is not None
    ways = contract.websocket.reconnect.ways
    verdicts = {
        **{f"turn {way}": returning.turn(trace, contract, way) for way in ways},
        **{f"queue {way}": returning.queue(trace, contract, way) for way in ways},
        "start": returning.queue_after_start(trace, contract, ""),
        "state turn": returning.state(trace, contract, "turn"),
        "state": returning.state(trace, contract, "state"),
        "storm": returning.all_at_once(trace, contract, ""),
        "refuses": backoff.refuses(trace, contract, ""),
        "ends": backoff.ends(trace, contract, ""),
        "spares": backoff.spares_others(trace, contract, ""),
        "bounded": keeping.bounded(trace, contract, ""),
        "prefers": keeping.prefers(trace, contract, ""),
        "tells": keeping.tells(trace, contract, ""),
        "again": keeping.again(trace, contract, ""),
        "no more": keeping.no_more(trace, contract, ""),
    }
    return {
        name: verdict.reason if isinstance(verdict, NotCovered) else [f"{e.expected}: {e.observed}" for e in verdict]
        for name, verdict in verdicts.items()
        if verdict
    }


def test_well(keeper: Keeper, tmp_path: Path):
    """An application which keeps what it says is found to do so, in all of it."""
    assert {} == found(used("", keeper, tmp_path))


def test_without_resume(keeper: Keeper, tmp_path: Path):
    """A server may know itself what it could not send; and where nothing keeps anybody out, that is found."""
    toml = CONTRACT.replace('resume = { query = { after = "{last}" } }\n', "")
    said = found(used("no resume", keeper, tmp_path, toml))
    assert ["refuses"] == [name for name, observed in said.items() if isinstance(observed, list)]
    assert ["no more than 8 connections of a user within 5 s: the connection number 18 was accepted"] == said["refuses"]
    assert "nobody was refused, however often" == said["ends"] == said["spares"]


def test_forgetful(keeper: Keeper, tmp_path: Path):
    """An application which forgets who was there is found in every part: there is no rest, no queue and no state."""
    toml = CONTRACT.replace("[websocket.reconnect]\n", QUICK, 1)
    said = found(used("forgetful", keeper, tmp_path, toml))
    assert ["again"] == [name for name in ("again", "no more") if name in said]
    assert {"turn closed", "turn reset", "queue closed", "queue reset", "start", "storm", "bounded", "prefers"} < set(
        said
    )


def test_nobody_comes_back(keeper: Keeper, tmp_path: Path):
    """Who is not let in a second time is told how that was answered."""
    toml = CONTRACT.replace("[websocket.reconnect]\n", QUICK, 1)
    said = found(used("once", keeper, tmp_path, toml))
    for way in ("closed", "reset"):
        (problem,) = said[f"turn {way}"]
        assert problem.startswith(f"a user whose connection was {returning.LOST[way]} can come back: no socket: denied")
    assert said["storm"][0].endswith("users come back at once, and stay: 20 of them: denied 403")
