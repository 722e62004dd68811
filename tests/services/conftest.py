"""A keeper for all tests that only use one, clients in processes of their own for those which kill one."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.services import machine
from tests.services.machine import Images

from pytest_startup.clock import Deadline
from pytest_startup.errors import DeadlineExceeded
from pytest_startup.services import Endpoint, Keeper, ServiceOptions, end_session, new_session_id
from pytest_startup.services.places import Place
from pytest_startup.services.reaping import TAG, tagged

SECONDS = 20.0
CLIENT = Path(__file__).with_name("client.py")


def soon(what: str = "a test's wait", seconds: float = SECONDS) -> Deadline:
    """Return a deadline that a healthy machine never reaches."""
    return Deadline.after(seconds, what)


def wait_until(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Return as soon as `condition` holds."""
    deadline, pause = soon(what, seconds), threading.Event()
    while not condition():
        deadline.check()
        pause.wait(0.005)


@dataclass
class Client:
    """A client in a process of its own."""

    session_id: str
    process: subprocess.Popen[bytes]

    def tell(self, call: str, **arguments: object) -> None:
        """Send a call, and don't wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"call": call, **arguments}).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return the next answer."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(SECONDS), "the client said nothing"
        answer: dict[str, Any] = json.loads(self.process.stdout.readline() or b'{"error": "the client has gone"}')
        return answer

    def ask(self, call: str, **arguments: object) -> Any:  # noqa: ANN401  # whatever JSON carries
        """Call, and return the answer; an error fails the test."""
        self.tell(call, **arguments)
        answer = self.hear()
        assert "ok" in answer, answer
        return answer["ok"]

    def endpoint(self, call: str, **arguments: object) -> Endpoint:
        """Call what returns an endpoint."""
        return Endpoint(**self.ask(call, **arguments))

    def end(self) -> int:
        """Close it in good order, and return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(SECONDS)


def remains(session_id: str) -> list[str]:
    """Return everything that is still there of a session: processes which carry its tag, and directories."""
    place = Place.of(session_id)
    paths = (place.home, place.copies, *place.data_directories())
    return [str(path) for path in paths if path.exists()] + [f"process {pid}" for pid in tagged({session_id})]


def nothing_is_left(left: Callable[[], list[str]], seconds: float = 5.0) -> bool:
    """Wait until `left` returns nothing, and return true; fails with what is left when that takes too long."""
    try:
        wait_until(lambda: not left(), "everything gone", seconds)
    except DeadlineExceeded as error:
        pytest.fail(f"{error}; left are {left()}")
    return True


@pytest.fixture
def session_id() -> Iterator[str]:
    """Return the id of a session that is ended after the test, whatever the test did to it."""
    fresh = new_session_id()
    yield fresh
    end_session(fresh)


@pytest.fixture
def start_client(session_id: str) -> Iterator[Callable[..., Client]]:
    """Return what starts a client: of this test's session, owned by the tests unless `owner` says 0, itself."""
    started: list[Client] = []

    def start(owner: int | None = None, options: Sequence[str] = (), prefix: Sequence[str] = ()) -> Client:
        owner = os.getpid() if owner is None else owner
        command = [*prefix, sys.executable, "-W", "error", str(CLIENT), session_id, str(owner), *options]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        )
        started.append(Client(session_id, process))
        return started[-1]

    yield start
    for client in started:
        with client.process, suppress(OSError):
            client.process.kill()


@pytest.fixture
def start_sleeper() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return what starts a process that does nothing for a long time, in a group of its own, with a tag if given."""
    with ExitStack() as stack:

        def start(tag: str | None = None, *, script: str = "sleep 600") -> subprocess.Popen[bytes]:
            environment = {"PATH": os.environ["PATH"], **({TAG: tag} if tag is not None else {})}
            process = subprocess.Popen(
                ["/bin/sh", "-c", script], env=environment, start_new_session=True, stdout=subprocess.PIPE
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture(scope="session")
def images() -> Images:
    """Return the images of the tests; where there is no daemon, they fail in CI, and are skipped anywhere else."""
    missing = machine.why_not()
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI has to have a Docker daemon: {missing}", pytrace=False)
    if missing:
        pytest.skip(f"no Docker daemon: {missing}")
    return machine.chosen_images()


@pytest.fixture(scope="session")
def keeper() -> Iterator[Keeper]:
    """Return a client of one keeper for all tests which do nothing bad to it."""
    options = ServiceOptions("embedded")
    with Keeper.join(new_session_id(), os.getpid(), options, soon("joining")) as joined:
        joined.warm(["postgres", "redis", "llm"], soon("warming"))
        yield joined
