"""The chat of small applications, used by one user, by the first ones and by many: what is recorded of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.users import Users
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.checks import chat, journeys, users
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.events.used import CHAT, FIRST_USERS, USERS, JourneyStepped, NameRaced, TurnTaken, UsersAsked
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import written

APPLICATION = """
    import asyncio, itertools, json

    runs, names, shared = itertools.count(1), {}, {}

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await talk(scope, receive, send)
        else:
            await log_in(scope, receive, send)

    async def log_in(scope, receive, send):
        name = json.loads((await receive())["body"])["name"]
        await asyncio.sleep(0.02)
        status = 409 if name in names else 201
        if MODE == "first fails" and not shared:
            shared["failed"], status = name, 500
        names.setdefault(name, len(names))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"id": names[name]}).encode()})

    async def talk(scope, receive, send):
        query = dict(each.split("=") for each in scope["query_string"].decode().split("&"))
        await receive()
        if MODE == "refused":
            return await send({"type": "websocket.close", "code": 1008})
        await send({"type": "websocket.accept"})

        async def say(kind, **fields):
            frame = {"kind": kind, "user": int(query["user"]), "run": run, **fields}
            await send({"type": "websocket.send", "text": json.dumps(frame)})

        run = 0
        if MODE == "hello":
            await say("hello")
        while (said := await receive())["type"] != "websocket.disconnect":
            question, run = json.loads(said["text"])["text"], next(runs)
            await send({"type": "websocket.send", "text": "ping"})
            await say("began")
            if MODE == "hangs" and run > 2:
                await asyncio.sleep(3600)
            if MODE == "drops" and run > 2:
                return await send({"type": "websocket.close", "code": 1011})
            shared["question"] = question
            await asyncio.sleep(0.05)
            answer = shared["question"] if MODE == "shared" else question
            await say("ended", data={"answer": f"It is {answer}."})
            if MODE == "twice":
                await say("ended", data={"answer": f"It is {answer}."})
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
[[journeys]]
name = "talk"
steps = [
    { post = "/users", json = { name = "{nonce}" }, capture = { id = "id" } },
    { turn = {}, capture = { answer = "data.answer", run = "run" } },
    { turn = { text = "{answer} {nonce}" }, gives = { user = "{id}" } },
]
[chat]
journey = "log-in"
socket = { path = "/ws?user={id}", query = { lang = "en" } }
ask = { text = "{nonce}" }
type = "kind"
events = ["began", "ended"]
ignored = ["ping", "hello"]
run = "run"
fields = { user = "{id}" }
answer = "data.answer"
first_within = 1
max_gap = 1
users = 6
"""

USE, CROWD = (Variation(exercise=Exercise(kind)) for kind in ("use", "crowd"))


@pytest.fixture
def used(request: pytest.FixtureRequest, keeper: Keeper, tmp_path: Path) -> tuple[Trace, Contract]:
    """Use the application in the mode of the test, in its way; give the trace and the contract."""
    mode, variation = request.param
    source = APPLICATION.replace("MODE", f'"{mode}"')
    return record(written(tmp_path, source, CONTRACT), keeper, variation), read(tmp_path / "startup.toml")


def mode(name: str, variation: Variation) -> pytest.MarkDecorator:
    """Use the application in this mode."""
    return pytest.mark.parametrize("used", [(name, variation)], indirect=True, ids=[name])


def observed(check: object, used: tuple[Trace, Contract], subject: str = "chat") -> list[str]:
    """Return what was found."""
    verdict = check(*used, subject)  # type: ignore[operator]
    assert not isinstance(verdict, NotCovered), verdict
    return [finding.observed for finding in verdict]


@mode("hello", USE)
def test_one_user(used: tuple[Trace, Contract]):
    """One user has a turn; so has whoever makes a journey with one, and what came of it is there for later steps."""
    turn = used[0].first(TurnTaken, exercise=CHAT)
    assert turn is not None
    assert ("began", "ended") == turn.types
    assert 0 < turn.times[0] <= turn.times[1] < 1
    for event in turn.types:
        assert [] == observed(chat.event, used, event)
    assert [] == observed(journeys.completes, used, "talk")


@mode("twice", USE)
def test_a_second_end(used: tuple[Trace, Contract]):
    """What comes after the end of a turn is found, in a journey too."""
    (found,) = observed(chat.event, used, "ended")
    assert found.startswith("ended came again: ")
    (problem,) = observed(journeys.completes, used, "talk")
    assert problem.startswith("nothing after ended was expected at 0.")


@mode("refused", USE)
def test_no_socket(used: tuple[Trace, Contract]):
    """Who is not let in has no event, and is told how it was refused."""
    assert ["no socket: denied 403, 0.00 s after the question"] == observed(chat.event, used, "began")
    assert isinstance(chat.event(*used, "ended"), NotCovered)


@mode("", CROWD)
def test_many_users(used: tuple[Trace, Contract]):
    """Many users have a turn each, at the same moment; the first ones log in before, and race for a name after."""
    for check in (users.served, users.first, users.apart, users.fairly, users.one_name):
        assert [] == observed(check, used)
    counted = used[0].first(UsersAsked, exercise=USERS)
    assert counted is not None
    assert (6, 6, 6) == (counted.wanted, counted.prepared, counted.asked)
    assert {1, 2, 3, 4, 5, 6} == {turn.user for turn in used[0].all(TurnTaken, exercise=USERS)}
    assert [(8, 1, "409")] * 3 == [(len(e.answers), e.accepted, e.late) for e in used[0].all(NameRaced)]


@mode("shared", CROWD)
def test_crossed_answers(used: tuple[Trace, Contract]):
    """The answer to somebody else's question is found as soon as there are several users."""
    (found,) = observed(users.served, used)
    assert found.startswith("5 of them not; ")
    assert "it holds ask" in found


@mode("hangs", CROWD)
def test_silence(used: tuple[Trace, Contract]):
    """Who is left without an end is found once it is overdue; nobody waits for longer."""
    (found,) = observed(users.served, used)
    assert found.startswith("6 of them not; user ")
    assert "nothing came within 1 s of began" in found


@mode("drops", CROWD)
def test_sockets_that_are_closed(used: tuple[Trace, Contract]):
    """Who is turned away in the middle of a turn is told by which code."""
    (found,) = observed(users.served, used)
    assert "the socket was closed 1011" in found


@mode("refused", CROWD)
def test_no_sockets(used: tuple[Trace, Contract]):
    """Who is not let in is found; nobody has asked then."""
    (found,) = observed(users.served, used)
    assert "no socket: denied 403" in found
    counted = used[0].first(UsersAsked, exercise=USERS)
    assert counted is not None
    assert 0 == counted.asked


@mode("first fails", CROWD)
def test_numbers_of_users(used: tuple[Trace, Contract]):
    """A user has one number in its journey and in its turn, whoever failed before."""
    steps = used[0].all(JourneyStepped)
    (failed,) = [each.walker for each in steps if each.walker.startswith(FIRST_USERS) and each.problem]
    number = failed.rpartition(" ")[2]
    assert [f"users: user {number}"] == [each.walker for each in steps if each.walker.startswith("users: ")]
    assert {1, 2, 3, 4, 5, 6} == {turn.user for turn in used[0].all(TurnTaken, exercise=USERS)}


def test_no_time_left(tmp_path: Path):
    """Who could not ask because our own time was over is not blamed: there is a word of who asked, and no turn."""
    (tmp_path / "startup.toml").write_text(CONTRACT)
    contract = read(tmp_path / "startup.toml")
    assert contract.chat is not None
    recorder = Recorder(Mask(()))
    values = Values({}, "http://127.0.0.1:9")
    walks = {number: Walk((), values.within(id=str(number))) for number in range(1, contract.chat.users + 1)}
    Users(recorder, contract.chat, contract.journey("log-in"), values).many(walks, Deadline.after(0, "the crowd"))
    assert not recorder.trace().all(TurnTaken)
    counted = recorder.trace().first(UsersAsked)
    assert counted is not None
    assert (6, 0) == (counted.wanted, counted.asked)
