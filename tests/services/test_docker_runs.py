"""Real runs of pytest whose services come out of containers: one of each, and nothing left however they end."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from tests.services.conftest import nothing_is_left, remains, wait_until
from tests.services.machine import Images, containers_of, docker, volumes
from tests.services.registry import serving

from pytest_startup.clock import now
from pytest_startup.events.edge import ServiceOffered
from pytest_startup.services.places import Place
from pytest_startup.services.reaping import has_ended
from pytest_startup.trace import Trace

pytestmark = pytest.mark.xdist_group("docker")  # the daemon and its volumes are one for all

GONE_WITHIN = 5.0

APPLICATION = """\
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
"""

CONTRACT = """\
[launch]
target = "main:app"
import_path = ["."]

[launch.env]
DATABASE_URL = "{postgres.url}"
CACHE_URL = "{redis.url}"

[services.postgres]

[services.redis]
"""


@dataclass
class Run:
    """A run of pytest against services out of containers, in a directory and a temporary directory of its own."""

    project: Path
    temporary: Path
    process: subprocess.Popen[bytes]
    sessions: set[str] = field(default_factory=set)

    def watch(self, seconds: float) -> None:
        """Look for some time which sessions the run has, or until it ends."""
        until, pause, alive = now() + seconds, threading.Event(), True
        while alive:
            alive = now() < until and self.process.poll() is None
            self.sessions |= {path.name.removeprefix("startup-") for path in self.temporary.glob("startup-*")}
            pause.wait(0.005)

    def left(self) -> list[str]:
        """Return what is still there of it."""
        sessions = {name for name in self.sessions if "-" not in name}
        found = [f"container {each['Name']}" for name in sessions for each in containers_of(name)]
        found += [each for name in sessions for each in remains(name)]
        found += [str(path) for path in self.temporary.glob("*startup-*")]
        return found + [f"process {' '.join(each)}" for each in self._processes()]

    def _processes(self) -> Iterator[list[str]]:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                theirs = process.environ().get("TMPDIR") == str(self.temporary) or process.cwd() == str(self.project)
                if theirs and not has_ended(process):
                    yield process.cmdline()


@pytest.fixture
def start_run(images: Images, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Return what starts a run, with further words for pytest, by SIGKILL of which it ends."""
    (tmp_path / "main.py").write_text(APPLICATION)
    (tmp_path / "startup.toml").write_text(CONTRACT)
    runs: list[Run] = []
    numbers = itertools.count()

    def start(*words: str) -> Run:
        project = tmp_path / f"run-{next(numbers)}"
        project.mkdir()
        for name in ("main.py", "startup.toml"):
            shutil.copy(tmp_path / name, project / name)
        temporary = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))  # short: a socket has to fit in
        command = [sys.executable, "-m", "pytest", "--real-services", "-m", "smoke", "-p", "no:cacheprovider"]
        command += [f"--startup-postgres-image={images.postgres}", f"--startup-redis-image={images.redis}", *words]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        environment = {**kept, "TMPDIR": str(temporary), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        process = subprocess.Popen(
            [*command, "-p", "pytest_startup.plugin", f"--rootdir={project}", f"--basetemp={project / 'base'}"],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        runs.append(Run(project, temporary, process))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.communicate()
        shutil.rmtree(run.temporary, ignore_errors=True)


def test_four_workers_have_one_of_each(images: Images, tmp_path: Path) -> None:
    """`-n 4` starts one Postgres and one Redis, as the daemon itself tells."""
    (tmp_path / "test_asking.py").write_text(
        "import pytest\n"
        "from pytest_startup.clock import Deadline\n"
        "@pytest.mark.parametrize('number', range(8))\n"
        "def test_asks(startup_keeper, number):\n"
        "    for ask in (startup_keeper.postgres, startup_keeper.redis):\n"
        "        startup_keeper.give_back(ask(Deadline.after(40, 'a service')))\n"
        "    print(startup_keeper.place.session_id)\n"
    )
    began = docker("info", "--format", "{{.SystemTime}}")
    command = [sys.executable, "-m", "pytest", "-n", "4", "-q", "-rP", "-p", "no:cacheprovider", "--real-services"]
    command += [f"--startup-postgres-image={images.postgres}", f"--startup-redis-image={images.redis}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", "test_asking.py"],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "8 passed" in done.stdout, done.stdout
    (session,) = {line for line in done.stdout.split() if len(line) == 20 and line.isalnum()}
    filters = ("--filter", "event=create", "--filter", f"label=pytest-startup.session={session}")
    until = docker("info", "--format", "{{.SystemTime}}")
    told = docker("events", "--since", began, "--until", until, "--format", "{{json .}}", *filters)
    created = [json.loads(line)["Actor"]["Attributes"]["image"] for line in told.splitlines()]
    assert sorted([images.postgres, images.redis]) == sorted(created)
    wait_until(lambda: not containers_of(session), "the containers gone", GONE_WITHIN)


def test_a_run_that_ends_leaves_nothing(start_run: Callable[..., Run]) -> None:
    """The very moment that pytest has ended, nothing of its services is there any more; the trace says what was."""
    run = start_run("--startup-save=saved")
    run.watch(40.0)
    said = run.process.communicate(timeout=20)[0].decode()
    assert run.process.returncode == 0, said
    assert "Postgres" in said
    assert run.sessions
    assert run.left() == []
    offered = Trace.load(run.project / "saved" / "boot.jsonl").all(ServiceOffered)
    assert {each.service: each.provider for each in offered} == {"postgres": "docker", "redis": "docker"}
    assert offered[0].version.startswith("Postgres ")


def test_a_run_says_what_it_waits_for(start_run: Callable[..., Run], images: Images) -> None:
    """Pulling takes as long as it takes: the run says so, on a line of its own, before it begins."""
    with serving(images.redis) as name:
        run = start_run(f"--startup-redis-image={name}")
        said = run.process.communicate(timeout=60)[0].decode()
        docker("rmi", name)
    assert run.process.returncode == 0, said
    assert f"startup: pulling {name}" in said.splitlines()
    assert f"(docker, {name})" in said


def test_twenty_runs_killed_at_random_moments_leave_nothing(start_run: Callable[..., Run]) -> None:
    """SIGKILL whenever it strikes: no process, container, volume, socket or directory is left 5 s later."""
    before, chance = volumes(), random.Random(4)  # the same moments every time

    def kill_at(seconds: float) -> int:
        run = start_run()
        run.watch(seconds)
        run.process.kill()
        run.process.wait()
        run.watch(0.0)
        assert nothing_is_left(run.left, GONE_WITHIN), f"of a run killed at {seconds:.2f} s"
        return len(run.sessions)

    began = now()
    start_run().process.communicate(timeout=60)
    whole = now() - began
    with ThreadPoolExecutor(2) as pool:
        had = list(pool.map(kill_at, [chance.uniform(0.1, 1.2) * whole for _ in range(20)]))
    assert sum(had) >= 5, "they were killed before they had anything"
    wait_until(lambda: volumes() <= before, "the volumes gone", GONE_WITHIN)


def test_the_place_of_a_session_is_known_without_it() -> None:
    """What these tests look for is where a session keeps it."""
    assert Place.of("a" * 20).home.name == f"startup-{'a' * 20}"
