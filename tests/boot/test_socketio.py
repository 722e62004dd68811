"""An application that speaks Socket.IO, by contract alone: one user, many, deliveries, tokens, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.boot.serving import Serving
from pytest_startup.boot.visits import Visits
from pytest_startup.checks import chat, deliveries, journeys, tokens, users
from pytest_startup.events.guarded import TokenShown
from pytest_startup.events.used import USERS, UsersAsked
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.subjects import parameters
from pytest_startup.variation import Exercise, Variation

from .conftest import written

APPLICATION = """
    import itertools, json

    import socketio

    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    numbers, runs, known = itertools.count(1), itertools.count(1), {}

    @server.on("connect", namespace="/chat")
    async def connect(sid, environ, auth=None):
        user = known.get((auth or {}).get("token"))
        if user is None and MODE != "open":
            raise ConnectionRefusedError("nobody we know")
        await server.save_session(sid, {"user": user}, namespace="/chat")
        await server.enter_room(sid, f"user-{user}", namespace="/chat")
        await server.emit("welcome", {"user": user}, to=sid, namespace="/chat")

    @server.on("ask", namespace="/chat")
    async def ask(sid, data):
        user, run = (await server.get_session(sid, namespace="/chat"))["user"], next(runs)
        room = None if MODE == "everybody" else f"user-{user}"

        async def say(kind, **more):
            await server.emit(kind, {"user": user, "run": run, **more}, room=room, namespace="/chat")

        await say("began")
        if "disconnect" in data["text"]:
            return await server.disconnect(sid, namespace="/chat")
        for word in data["text"].split():
            await say("word", text=word)
        await say("ended", answer=f"you said {data['text']}")

    @server.on("odd", namespace="/chat")
    async def odd(sid, *args):
        await server.emit("several", ("a", {"b": args}), to=sid, namespace="/chat")
        await server.emit("binary", {"bytes": b"abc", "more": [b"d"]}, to=sid, namespace="/chat")
        await server.emit("nothing", to=sid, namespace="/chat")
        await server.emit("elsewhere", to=sid)
        await server.call("called", 1, to=sid, namespace="/chat", timeout=5)
        await server.emit("after", to=sid, namespace="/chat")

    async def announce(user, word):
        await server.emit("announced", {"word": word}, room=f"user-{user}", namespace="/chat")

    async def plain(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        number = next(numbers)
        known[f"the-token-of-user-{number}"] = number
        body = json.dumps({"id": number, "token": f"the-token-of-user-{number}"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    sockets = socketio.ASGIApp(server, plain)

    async def app(scope, receive, send):
        await (plain if scope["type"] == "lifespan" else sockets)(scope, receive, send)
"""
NAMED = 'transport = "socketio", namespace = "/chat"'
CLIENT = f'{{ path = "/socket.io", {NAMED}, auth = {{ token = "{{token}}" }} }}'
CONTRACT = f"""
    [launch]
    target = "app:app"
    [[journeys]]
    name = "log-in"
    steps = [{{ post = "/login", capture = {{ id = "id", token = "token" }} }}]
    [[journeys]]
    name = "talk"
    steps = [
        {{ post = "/login", capture = {{ id = "id", token = "token" }} }},
        {{ connect = "/socket.io", {NAMED}, auth = {{ token = "no" }}, refused = 403 }},
        {{ connect = "/socket.io", {NAMED}, auth = {{ token = "{{token}}" }} }},
        {{ receive = {{ event = "welcome", data = {{ user = "{{id}}" }} }} }},
        {{ say = {{ event = "ask", data = {{ text = "Say {{nonce}}" }} }} }},
        {{ receive = {{ event = "ended", data = {{ answer = "you said Say {{nonce}}" }} }} }},
        {{ leave = 1000 }},
        {{ turn = {{}}, gives = {{ event = "ended" }} }},
    ]
    [[deliveries]]
    name = "announcement"
    journey = "log-in"
    socket = {CLIENT}
    put = "app:announce('{{id}}', '{{nonce}}')"
    [chat]
    journey = "log-in"
    socket = {CLIENT}
    ask = {{ event = "ask", data = {{ text = "Say {{nonce}}" }} }}
    type = "event"
    events = ["began", {{ type = "word", repeated = true }}, "ended"]
    ignored = ["welcome"]
    run = "data.run"
    fields = {{ "data.user" = "{{id}}" }}
    answer = "data.answer"
    users = 8
    [[tokens]]
    name = "access"
    journey = "log-in"
    token = "token"
    socket = {CLIENT}
"""
USE, CROWD, SECURITY = (Variation(exercise=Exercise(kind)) for kind in ("use", "crowd", "security"))


def source(mode: str) -> str:
    """Return the application in one of its modes."""
    return APPLICATION.replace("MODE", f'"{mode}"')


def test_used(keeper: Keeper, tmp_path: Path):
    """One user has every event of a turn, an event that is put in arrives at its user alone, and journeys may talk."""
    contract = written(tmp_path, source(""), CONTRACT)
    trace = record(contract, keeper, USE)
    assert [[], [], []] == [chat.event(trace, contract, each) for each in ("began", "word", "ended")]
    assert [] == deliveries.arrives(trace, contract, "announcement")
    assert [] == journeys.completes(trace, contract, "talk")


def test_many_users(keeper: Keeper, tmp_path: Path):
    """Many users at once have a turn each."""
    contract = written(tmp_path, source(""), CONTRACT)
    trace = record(contract, keeper, CROWD)
    assert [[], [], []] == [check(trace, contract, "") for check in (users.served, users.first, users.apart)]
    counted = trace.first(UsersAsked, exercise=USERS)
    assert counted is not None
    assert (8, 8, 8) == (counted.wanted, counted.prepared, counted.asked)


def test_events_for_everybody(keeper: Keeper, tmp_path: Path):
    """What is sent to everybody in place of the room of one user is found as soon as there are several."""
    contract = written(tmp_path, source("everybody"), CONTRACT)
    trace = record(contract, keeper, CROWD)
    for check in (users.served, users.first):
        verdict = check(trace, contract, "")
        assert not isinstance(verdict, NotCovered)
        assert 1 == len(verdict)
        assert " of them not; " in verdict[0].observed


@pytest.mark.parametrize(
    ("mode", "refused"), [("", "denied connect_error: "), ("open", "kept")], ids=["guarded", "open"]
)
def test_tokens(keeper: Keeper, tmp_path: Path, mode: str, refused: str):
    """Who is told that the connection is refused is kept out; who is let in with a bad token is found."""
    contract = written(tmp_path, source(mode), CONTRACT)
    trace = record(contract, keeper, SECURITY)
    shown = {each.variant: each.answer for each in trace.all(TokenShown)}
    assert "kept" == shown["good"]
    assert shown["missing"].startswith(refused)
    assert shown["garbage"].startswith(refused)
    verdicts = {
        each.id: tokens.of_sockets(trace, contract, each.value) for each in parameters("socket_token", contract)
    }
    assert (mode == "open") == any(verdict for verdict in verdicts.values() if not isinstance(verdict, NotCovered))


@pytest.fixture
def visits(keeper: Keeper, tmp_path: Path) -> Iterator[Visits]:
    """Give users of the application."""
    with Serving(written(tmp_path, source(""), CONTRACT), keeper) as app, Visits(app) as found:
        yield found


def test_frames(visits: Visits):
    """Arguments, bytes and questions of the server arrive; other namespaces do not; a goodbye is told as one."""
    ann = visits.user()
    assert {"event": "welcome", "data": {"user": ann.values["id"]}} == ann.receive()
    ann.say({"event": "odd", "args": [1, [2]]})
    assert {"event": "several", "args": ["a", {"b": [1, [2]]}]} == ann.receive()
    assert {"event": "binary", "data": {"bytes": "abc", "more": ["d"]}} == ann.receive()
    assert [{"event": "nothing"}, {"event": "called", "data": 1}, {"event": "after"}] == [
        ann.receive() for _ in range(3)
    ]
    ann.quiet(0.1)
    turn = ann.ask("please disconnect")
    turn.assert_events("began")
    assert "the socket was closed disconnect" in turn.problem
    ann.reconnect()
    ann.ask().assert_complete()


def test_what_is_no_frame(visits: Visits):
    """A frame which is no event cannot be sent."""
    with pytest.raises(ValueError, match=r'is \{"event": NAME'):
        visits.user().say({"type": "ask"})


def test_no_such_namespace(keeper: Keeper, tmp_path: Path):
    """A namespace which there is not is a refusal."""
    contract = written(tmp_path, source(""), CONTRACT.replace('"/chat"', '"/chats"'))
    trace = record(contract, keeper, USE)
    verdict = chat.event(trace, contract, "began")
    assert not isinstance(verdict, NotCovered)
    assert "no socket: denied connect_error: " in verdict[0].observed
