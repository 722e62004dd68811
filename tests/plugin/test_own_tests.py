"""Tests of somebody's own, with the application up and users of its chat: what can be said, what a failure shows."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from pytest_startup.clock import Deadline

from .conftest import environment

SECONDS = 90
APPLICATION = '''
    """A chat with accounts: an echo by events, and a few words which make it do something else."""

    import asyncio, itertools, json, os, sys

    names, runs = itertools.count(1), itertools.count(1)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            with open("pids", "a") as file:
                print(os.getpid(), file=file)
            if "FAILS" in os.environ:
                raise RuntimeError("no key to sign with")
            await send({"type": "lifespan.startup.complete"})
            await receive()
            open("stopped", "a").close()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await talk(scope, receive, send)
        else:
            body = json.dumps({"user": next(names), "token": "token-of-somebody-0815"}).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

    async def talk(scope, receive, send):
        user, run = int(scope["query_string"].decode().partition("=")[2]), 0

        async def say(kind, **data):
            frame = {"type": kind, "user": user, "run": run, **data}
            await send({"type": "websocket.send", "text": json.dumps(frame)})

        await receive()
        await send({"type": "websocket.accept"})
        while (said := await receive())["type"] != "websocket.disconnect":
            frame = json.loads(said["text"])
            text = frame.get("text", "")
            print("user", user, "says", text, flush=True)
            if frame["type"] == "ping":
                await say("pong", number=frame.get("number"))
                continue
            if "die" in text:
                print("that was too much", flush=True)
                os._exit(3)
            run = next(runs)
            await say("began")
            if "refuse" in text:
                await say("failed", why="it does not want to, says token-of-somebody-0815")
                continue
            if "hang" in text:
                continue
            if "close" in text:
                await send({"type": "websocket.close", "code": 1011})
                return
            for part in text.split():
                await say("part", part=part)
            await say("beat")
            await say("ended", answer="42" if "canned" in text else f"you said: {text}")
'''
CONTRACT = """
    [launch]
    target = "app:app"
    stop_timeout = 5
    [[journeys]]
    name = "log-in"
    steps = [{ post = "/login", json = { name = "{nonce}" }, capture = { user_id = "user", token = "token" } }]
    [chat]
    journey = "log-in"
    socket = "/ws?user={user_id}"
    ask = { type = "ask", text = "Say {nonce}!" }
    events = ["began", { type = "part", repeated = true }, "ended"]
    ignored = ["beat"]
    run = "run"
    fields = { user = "{user_id}" }
    answer = "answer"
    first_within = 1
    max_gap = 1
    max_seconds = 3
"""
GOOD = """
    import asyncio, json, os, urllib.request

    import pytest


    def test_turn(startup_chat):
        ann = startup_chat.user()
        turn = ann.ask()
        turn.assert_complete()
        assert f"you said: Say {turn.nonce}!" == turn.answer
        assert ("began", "ended") == (turn.events[0].type, turn.events[-1].type)
        assert turn.events[-1].frame["user"] == ann.values["user_id"]
        assert turn.events[0].at <= turn.events[-1].at < 3
        assert "beat" in [each.type for each in turn.frames]


    def test_own_question(startup_chat):
        ann = startup_chat.user()
        turn = ann.ask("Where is {it}?")
        assert turn.answer.startswith("you said: Where is {it}? ask")
        turn.assert_events("began", "part", "part", "part", "part", "ended")
        turn.assert_events("began", ..., "ended")
        ann.ask(text="short {nonce}", more=[1]).assert_complete()
        with pytest.raises(ValueError, match="has no {nonce}"):
            ann.ask(text="nothing to tell it by")


    def test_a_turn_that_fails(startup_chat):
        turn = startup_chat.user().ask("please refuse")
        turn.assert_events("began", "failed")
        assert not turn.complete
        assert turn.events[-1].frame["why"].startswith("it does not want to")


    def test_several_users(startup_chat):
        users = startup_chat.users(3)
        assert 3 == len({user.values["user_id"] for user in users})
        for turn in startup_chat.ask_at_once(users, "all together"):
            turn.assert_complete()


    def test_raw_socket(startup_chat):
        ann = startup_chat.user()
        ann.say({"type": "ping", "number": 1})
        ann.say({"type": "ping", "number": 2})
        assert ann.receive({"type": "pong", "number": 2}, within=2)["user"] == ann.values["user_id"]
        ann.quiet(0.1)
        ann.reconnect()
        ann.say('{"type": "ping"}')
        assert "pong" == ann.receive()["type"]
        ann.say({"type": "ping"})
        startup_chat.user()  # who comes later, and is served later: the pong is there by now
        ann.ask().assert_complete()


    def test_requests_and_trace(startup_app):
        with urllib.request.urlopen(f"{startup_app.base_url}/login", timeout=5) as answer:
            assert "token" in json.load(answer)
        assert any(type(event).__name__ == "Ready" for event in startup_app.trace.events)


    def test_async(startup_chat):
        async def turn():
            ann = await asyncio.to_thread(startup_chat.user)
            return await asyncio.to_thread(ann.ask)

        asyncio.run(turn()).assert_complete()
"""


def written(directory: Path, tests: str, contract: str = CONTRACT) -> Path:
    """Write an application, its contract and tests."""
    for name, text in (("app.py", APPLICATION), ("startup.toml", contract), ("test_own.py", tests)):
        (directory / name).write_text(textwrap.dedent(text))
    return directory


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Write into the directory of the test."""
    return partial(written, tmp_path)


def command(*options: str) -> list[str]:
    """Return the command of a run."""
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error", *options]


def run(directory: Path, *options: str) -> str:
    """Run the tests, and return what is printed."""
    done = subprocess.run(
        command(*options),
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout + done.stderr


def pids(directory: Path) -> list[int]:
    """Return the processes in which the application has been up."""
    return [int(line) for line in (directory / "pids").read_text().split()]


def in_order(said: str, *lines: str) -> None:
    """Find each of these in what comes after the one before it."""
    rest = said
    for line in lines:
        assert line in rest, f"{line!r} does not come after what is before it:\n{said}"
        rest = rest.partition(line)[2]


def test_what_a_test_can_say(project: Callable[..., Path]):
    """One boot serves all tests of a run, with and without a user; it is stopped at the end, and nothing is left."""
    directory = project(GOOD)
    said = run(directory)
    assert "7 passed" in said, said
    (pid,) = pids(directory)
    assert not psutil.pid_exists(pid)
    assert (directory / "stopped").exists()


def test_one_for_each_worker(project: Callable[..., Path]):
    """Under pytest-xdist each worker has one of its own."""
    directory = project(GOOD)
    said = run(directory, "-n", "2")
    assert "7 passed" in said, said
    assert 2 == len(pids(directory))
    assert [False, False] == [psutil.pid_exists(pid) for pid in pids(directory)]


WRONG = [
    pytest.param(
        'startup_chat.user().ask("please refuse").assert_complete()',
        [
            "AssertionError: the turn left its script: part after began was expected at 0.",
            'asked: {"type": "ask", "text": "please refuse ask',
            "    expected         came    after",
            "    began            began   0.",
            ">                  failed  0.",
            '      {"type": "failed", "user": 2, "run": 1, "why": "it does not want to, says ***',
            "    part (repeated)  -",
            "    ended            -",
            "  log (the last ",
            "user 2 says please refuse ask",
        ],
        id="another event",
    ),
    pytest.param(
        'startup_chat.user().ask("canned").assert_complete()',
        [
            "the turn left its script: ended with the nonce ask",
            "part (repeated)  part (2 times)  0.",
            "> ended            ended           0.",
            '"answer": "42"',
        ],
        id="answer to something else",
    ),
    pytest.param(
        'assert startup_chat.user().ask("hang").answer',
        ["part after began was expected at 1.", "nothing came within 1 s of began", "> part (repeated)  -"],
        id="silence",
    ),
    pytest.param(
        'startup_chat.user().ask("close").assert_complete()', ["the socket was closed 1011"], id="closed"
    ),
    pytest.param(
        'startup_chat.user().ask("one").assert_events("began", "ended")',
        ["other events came than began, ended", "    began     began  0.", ">           part   0.", "    ended     "],
        id="other events",
    ),
    pytest.param(
        'ann = startup_chat.user(); ann.say({"type": "ping"}); ann.receive({"type": "pung"}, within=0.3)',
        ['nothing with {"type": "pung"} came within 0.3 s', "0.0", '{"type": "pong", "user": '],
        id="nothing such",
    ),
    pytest.param(
        'ann = startup_chat.user(); ann.say({"type": "ping"}); ann.quiet(2)',
        ["nothing was to come within 2 s", '{"type": "pong"'],
        id="not quiet",
    ),
    pytest.param(
        'startup_chat.ask_at_once(startup_chat.users(2), "close")[1].assert_complete()',
        ["the socket was closed 1011"],
        id="several",
    ),
    pytest.param(
        "startup_chat.ask_at_once([startup_chat.user(), *[each.close() or each for each in startup_chat.users(1)]])",
        ["user 2 has left; reconnect() comes back"],
        id="one of several",
    ),
    pytest.param(
        "ann = startup_chat.user(); ann.close(); ann.receive()", ["user 1 has left; reconnect() comes back"], id="left"
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run all these tests at once, on one application, and return what is said of each."""
    bodies = [f"def test_{number}(startup_chat):\n    {case.values[0]}\n" for number, case in enumerate(WRONG)]
    tests = "\n".join([*bodies, "def test_last(startup_chat): startup_chat.user().ask().assert_complete()"])
    said = run(written(tmp_path_factory.mktemp("failing"), tests))
    assert f"{len(WRONG)} failed, 1 passed" in said, said
    assert "token-of-somebody" not in said
    parts = re.split(r"^_+ test_(\d) _+$", said, flags=re.MULTILINE)
    return {str(WRONG[int(number)].id): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize(("body", "lines"), WRONG)
def test_what_a_failure_shows(failures: dict[str, str], body: str, lines: list[str], request: pytest.FixtureRequest):
    """A failure stands at the line of the test, shows what was wanted beside what came, and the application goes on."""
    said = failures[request.node.callspec.id]
    in_order(said, body, *lines)
    assert "visits.py" not in said


def test_an_application_that_dies(project: Callable[..., Path]):
    """Whoever uses it then is told so, by which code it ended, and what it said last; and so are the tests after it."""
    tests = """
        def test_dies(startup_chat):
            startup_chat.user().ask("die").assert_complete()

        def test_next(startup_chat):
            startup_chat.user()
    """
    said = run(project(tests))
    in_order(
        said,
        "ERROR at setup of test_next",
        "pytest-startup: startup_chat: the application ended with code 3, ",
        "before this test",
        "that was too much",
        "AssertionError: the turn left its script: began after the question was expected",
        "the application ended with code 3, ",
        "that was too much",
        "1 failed, 1 error",
    )


@pytest.mark.parametrize(
    ("contract", "lines"),
    [
        pytest.param(
            '[launch]\ntarget = "app:app"\n',
            [
                "pytest-startup: chat: startup.toml declares no chat",
                "write [chat] with journey, socket, ask and events",
            ],
            id="no chat",
        ),
        pytest.param(
            CONTRACT.replace('"app:app"', '"app:app"\n    env.FAILS = "yes"'),
            [
                "pytest-startup: the application did not become ready: RuntimeError: no key to sign with",
                "  expected    ready within 30 s, and up until it is asked to stop",
                "  observed    startup raised: RuntimeError: no key to sign with",
                "  log (the last ",
            ],
            id="not ready",
        ),
        pytest.param(
            CONTRACT.replace('"/login"', '"/login", status = 201'),
            [
                "AssertionError: test_one: user 1 failed in the journey log-in, step 1 of 1: POST /login: 201 was",
            ],
            id="journey",
        ),
    ],
)
def test_what_cannot_be_used(project: Callable[..., Path], contract: str, lines: list[str]):
    """Without a chat, a start or a user there is one clear failure, which says why."""
    said = run(project("def test_one(startup_chat):\n    startup_chat.user()\n", contract))
    in_order(said, *lines)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_nothing_is_left(project: Callable[..., Path], how: signal.Signals):
    """However a run ends, its application ends as well."""
    tests = """
        import signal
        import threading

        def test_waits(startup_app):
            signal.signal(signal.SIGINT, signal.default_int_handler)  # where it comes from it may be ignored
            open("waits", "w").close()
            threading.Event().wait(60)
    """
    directory = project(tests)
    with subprocess.Popen(
        command(), cwd=directory, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        _wait((directory / "waits").exists, 30)
        (pid,) = pids(directory)
        assert psutil.pid_exists(pid)
        running.send_signal(how)
        running.wait(30)
    _wait(lambda: not psutil.pid_exists(pid), 20)


def _wait(holds: Callable[[], bool], seconds: float) -> None:
    deadline, pause = Deadline.after(seconds, "what is waited for"), threading.Event()
    while not holds():
        deadline.check()
        pause.wait(0.05)
