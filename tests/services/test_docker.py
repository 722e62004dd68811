"""Services out of containers: both at once, ours alone, and a clear word for whatever is in the way."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import redis
from tests.services.conftest import Client, soon, wait_until
from tests.services.machine import Images, containers_of, docker, volumes
from tests.services.registry import serving
from tests.services.test_providers import as_nobody

from pytest_startup.clock import now
from pytest_startup.errors import ServiceError, ServiceUnavailable
from pytest_startup.services import Keeper, ServiceOptions, new_session_id
from pytest_startup.services.endpoints import Container, Endpoint

pytestmark = pytest.mark.xdist_group("docker")  # the daemon and its volumes are one for all

StartClient = Callable[..., Client]

REFUSED_WITHIN = 2.0
DEATH_TOLD_WITHIN = 3.0
OURS = {"postgres", "redis"}
LOST = ("--filter", "event=die", "--filter", "label=pytest-startup.session", "--format", "{{.TimeNano}}")


@pytest.fixture(scope="module")
def joined(images: Images) -> Iterator[Keeper]:
    """Return a client of one keeper for all tests which do nothing bad to it."""
    with Keeper.join(new_session_id(), os.getpid(), images.options(), soon("joining")) as keeper:
        keeper.warm(["postgres", "redis"], soon("warming"))
        yield keeper


def by_service(session_id: str) -> dict[str, dict[str, object]]:
    """Return the containers of a session by what they serve."""
    ports = {"5432/tcp": "postgres", "6379/tcp": "redis"}
    return {ports[port]: each for each in containers_of(session_id) for port in each["HostConfig"]["PortBindings"]}


# -- what is there --------------------------------------------------------------------------------------------------


def test_each_boot_has_a_fresh_database_and_an_empty_index(joined: Keeper) -> None:
    """Endpoints of a container can be used at once, with a password, and nothing is in them."""
    first, second = joined.postgres(soon()), joined.postgres(soon())
    cache, other = joined.redis(soon()), joined.redis(soon())
    with psycopg.connect(first.url()) as connection:
        connection.execute("CREATE TABLE ours (id int)")
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    with redis.Redis.from_url(cache.url()) as client:
        client.set("ours", 1)
    with redis.Redis.from_url(other.url()) as client:
        assert client.dbsize() == 0
        assert int(client.config_get("databases")["databases"]) >= 1024
    for endpoint in (first, second, cache, other):
        joined.give_back(endpoint)


def test_a_template_is_cloned(joined: Keeper) -> None:
    """What was prepared once is in every clone, as on any other server."""

    def prepare(database: Endpoint) -> None:
        with psycopg.connect(database.url()) as connection:
            connection.execute("CREATE TABLE prepared (id int)")

    joined.prepared("of-docker", prepare, soon())
    clone = joined.postgres(soon(), "of-docker")
    with psycopg.connect(clone.url()) as connection:
        assert connection.execute("SELECT count(*) FROM prepared").fetchone() == (0,)


def test_only_this_machine_gets_in_and_only_with_the_password(joined: Keeper) -> None:
    """Ports are bound to loopback; a login with another password, or none, is refused; no command line shows it."""
    database, cache = joined.postgres(soon()), joined.redis(soon())
    for container in containers_of(joined.place.session_id):
        bound = [each for ports in container["NetworkSettings"]["Ports"].values() for each in ports or ()]
        assert {each["HostIp"] for each in bound} == {"127.0.0.1"}
        for endpoint in (database, cache):
            assert endpoint.password not in " ".join([container["Path"], *container["Args"]])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(replace(database, password="guess").url())
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=cache.port, retry=None) as client:
        client.ping()


def test_data_are_in_memory_and_not_synced(joined: Keeper) -> None:
    """Nothing of a run is written to a disk: no volume, no fsync, no snapshot."""
    database, cache = joined.postgres(soon()), joined.redis(soon())
    for container in containers_of(joined.place.session_id):
        assert {each["Type"] for each in container["Mounts"]} <= {"tmpfs"}
        assert container["HostConfig"]["Tmpfs"]
    with psycopg.connect(database.url()) as connection:
        directory = connection.execute("SHOW data_directory").fetchone()
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    tmpfs = by_service(joined.place.session_id)["postgres"]["HostConfig"]["Tmpfs"]  # type: ignore[index]
    assert any(str((directory or ("",))[0]).startswith(path) for path in tmpfs)
    with redis.Redis.from_url(cache.url()) as client:
        assert client.config_get("save") == {"save": ""}


def test_the_choice_names_image_and_version(joined: Keeper, images: Images) -> None:
    """Whoever reads the report knows what the application was judged with, and so does whoever judges it."""
    database, cache = joined.postgres(soon()), joined.redis(soon())
    postgres, kept = map(str, joined.choices())
    assert re.fullmatch(rf"Postgres \d+\.\d+ \(docker, {re.escape(images.postgres)}\)", postgres)
    assert re.fullmatch(rf"(Redis|Valkey) [\d.]+ \(docker, {re.escape(images.redis)}\)", kept)
    assert postgres.startswith(f"{database.version} ")
    assert kept.startswith(f"{cache.version} ")


def test_many_clients_of_one_moment_get_one_of_each(start_client: StartClient, images: Images, session_id: str) -> None:
    """Four clients which ask at the same moment get one container of each between them."""
    clients = [start_client(options=[images.wired()]) for _ in range(4)]
    for call in ("postgres", "redis"):
        for client in clients:
            client.tell(call)
    answers = [client.hear()["ok"] for _ in range(2) for client in clients]
    assert len(containers_of(session_id)) == len(OURS)
    assert set(by_service(session_id)) == OURS
    assert len({each["port"] for each in answers}) == len(OURS)
    assert len({(each["service"], each["database"]) for each in answers}) == len(answers)


def test_arguments_and_variables_reach_the_server(images: Images, session_id: str) -> None:
    """What a contract says of a container holds, also against our own settings."""
    args = ("-c", "max_connections=37", "-c", "work_mem=7MB")
    options = ServiceOptions(
        "docker",
        postgres=Container(images.postgres, args, (("POSTGRES_INITDB_ARGS", "--no-sync --data-checksums"),)),
        redis=Container(images.redis, ("--databases", "3")),
    )
    with Keeper.join(session_id, os.getpid(), options, soon()) as keeper:
        with psycopg.connect(keeper.postgres(soon()).url()) as connection:
            shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("max_connections", "data_checksums")]
        assert shown == [("37",), ("on",)]
        assert [keeper.redis(soon()).database for _ in range(3)] == ["0", "1", "2"]
        with pytest.raises(ServiceUnavailable, match="all 3 indexes are in use"):
            keeper.redis(soon())


# -- what is in the way ---------------------------------------------------------------------------------------------


@pytest.fixture
def refusal(session_id: str) -> Callable[..., tuple[str, float]]:
    """Return what asks a new session for a service, and returns the refusal and how many seconds it took."""

    def ask(options: ServiceOptions, service: str = "postgres") -> tuple[str, float]:
        with Keeper.join(session_id, os.getpid(), options, soon()) as keeper:
            began = now()
            with pytest.raises(ServiceUnavailable) as caught:
                getattr(keeper, service)(soon())
            return str(caught.value), now() - began

    return ask


@pytest.mark.parametrize(
    ("service", "args", "last"),
    [
        ("postgres", ("-c", "nonsense=1"), 'unrecognized configuration parameter "nonsense"'),
        ("redis", ("--nonsense", "1"), "FATAL CONFIG FILE ERROR"),
    ],
)
def test_a_container_that_dies_is_told_with_its_log(
    refusal: Callable[..., tuple[str, float]], images: Images, service: str, args: tuple[str, ...], last: str
) -> None:
    """The end of a container is noticed by itself, not by a timeout, and its last words say why."""
    began = docker("info", "--format", "{{.SystemTime}}")
    said, _ = refusal(images.options(**{service: args}), service)
    told = docker("info", "--format", "{{.SystemTime}}")
    died = docker("events", "--since", began, "--until", told, *LOST, "--filter", f"image={getattr(images, service)}")
    assert f"{service} from docker: {getattr(images, service)} ended with code 1 while starting" in said
    assert last in said
    assert f"services.{service}.container" in said
    assert datetime.fromisoformat(told).timestamp() - float(died.split()[-1]) / 1e9 < DEATH_TOLD_WITHIN


@pytest.fixture
def image_which(images: Images) -> Iterator[Callable[[str], str]]:
    """Return what makes an image whose server does nothing but run a line of shell, for this test alone."""
    made = []

    def make(line: str) -> str:
        made.append(f"startup-local/pretends:{os.getpid()}")
        told = f"FROM {images.redis}\nENTRYPOINT {json.dumps(['/bin/sh', '-c', line])}\n"
        docker("build", "--tag", made[-1], "-", told=told)
        return made[-1]

    yield make
    for tag in made:
        docker("rmi", tag)


def test_the_password_is_not_in_the_log_that_is_told(
    refusal: Callable[..., tuple[str, float]], image_which: Callable[[str], str]
) -> None:
    """Last words end in reports which everybody can read."""
    image = image_which("echo it is $POSTGRES_PASSWORD; exit 3")
    said, _ = refusal(ServiceOptions("docker", postgres=Container(image)))
    assert "ended with code 3 while starting; its log ends with:\nit is ***;" in said


def test_a_container_that_is_no_such_server_is_told(image_which: Callable[[str], str], session_id: str) -> None:
    """What runs, and does not answer, is given up with its log, before whoever waits gives up himself."""
    options = ServiceOptions("docker", redis=Container(image_which("echo here I am; exec sleep 60")))
    with (
        Keeper.join(session_id, os.getpid(), options, soon()) as keeper,
        pytest.raises(ServiceUnavailable, match=r"does not answer as a redis within [\d.]+ s; .*:\nhere I am"),
    ):
        keeper.redis(soon(seconds=6.0))


def test_an_image_that_cannot_be_pulled_is_told(refusal: Callable[..., tuple[str, float]]) -> None:
    """Nobody serves images at that address: said at once, with the command that would get it."""
    image = "127.0.0.1:1/startup-local/nothing:1"
    said, seconds = refusal(ServiceOptions("docker", postgres=Container(image)))
    assert f"postgres from docker: image {image} is not here, and cannot be pulled: " in said
    assert f"docker pull {image}, or name one that is here or on a mirror (--startup-postgres-image)" in said
    assert "\n" not in said
    assert seconds < REFUSED_WITHIN


def test_an_image_that_is_not_here_is_pulled(images: Images, session_id: str) -> None:
    """Whoever asks learns first what has to be pulled; then it is pulled once, and serves."""
    with serving(images.redis) as name, Keeper.join(session_id, os.getpid(), redis_of(name), soon()) as keeper:
        try:
            assert keeper.absent_images(["redis"], soon()) == [name]
            keeper.pull(["redis"], soon())
            assert keeper.absent_images(["redis"], soon()) == []
            assert keeper.redis(soon()).version.startswith(("Redis", "Valkey"))
            assert [each["Config"]["Image"] for each in containers_of(session_id)] == [name]
        finally:
            keeper.close()
            docker("rmi", name)


def test_an_image_that_a_registry_does_not_know_is_told(
    refusal: Callable[..., tuple[str, float]], images: Images
) -> None:
    """The registry's own word is passed on."""
    with serving(images.redis) as name:
        said, _ = refusal(redis_of(name.replace(":1", ":2")), "redis")
    assert "is not here, and cannot be pulled: " in said
    assert "manifest" in said


def redis_of(image: str) -> ServiceOptions:
    """Return the options of a session whose Redis runs in this image."""
    return ServiceOptions("docker", redis=Container(image))


@pytest.mark.parametrize("host", ["unix:///tmp/there-is-no-such.sock", "tcp://127.0.0.1:1", "nonsense://x"])
def test_no_daemon_is_told(
    refusal: Callable[..., tuple[str, float]], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Where no daemon answers, the line says where it was looked for, and how to go on."""
    monkeypatch.setenv("DOCKER_HOST", host)
    said, seconds = refusal(ServiceOptions("docker"))
    assert f"postgres from docker: no Docker daemon answers at {host} (" in said
    assert "start it, or name it by DOCKER_HOST, or choose another provider (--startup-provider embedded)" in said
    assert "\n" not in said
    assert seconds < REFUSED_WITHIN


def test_a_daemon_that_says_nothing_is_told(
    refusal: Callable[..., tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that hangs is not waited for."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        said, seconds = refusal(ServiceOptions("docker"))
    assert "no Docker daemon answers at tcp://127.0.0.1:" in said
    assert seconds < REFUSED_WITHIN


def test_a_socket_that_is_not_for_us_is_told(start_client: StartClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission denied is another matter than no daemon, and has another way out."""
    closed = Path("/tmp") / f"startup-closed-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(closed))
        listener.listen()
        closed.chmod(0)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{closed}")
        try:
            client = start_client(owner=0, options=["docker"], prefix=as_nobody() if os.geteuid() == 0 else ())
            client.ask("hello")
            began = now()
            client.tell("postgres")
            said = client.hear()["error"]
            assert now() - began < REFUSED_WITHIN
        finally:
            closed.unlink()
    assert f"postgres from docker: the Docker daemon at unix://{closed} does not let us in: permission denied" in said
    assert "add your user to the group docker" in said


def test_a_container_that_ends_while_it_is_used_is_told(images: Images, session_id: str) -> None:
    """When a container has gone, the next one who needs it hears so, not just that a connection was refused."""
    with Keeper.join(session_id, os.getpid(), images.options(), soon()) as keeper:
        keeper.redis(soon())
        container = str(by_service(session_id)["redis"]["Id"])
        docker("kill", container)
        wait_until(lambda: not by_service(session_id)["redis"]["State"]["Running"], "the container's end")  # type: ignore[index]
        with pytest.raises(ServiceError, match=f"the container of {re.escape(images.redis)} has ended with code 137"):
            keeper.redis(soon())


# -- what is left ---------------------------------------------------------------------------------------------------


def test_nothing_is_left_and_nothing_else_is_touched(images: Images, session_id: str) -> None:
    """After a session its containers and their volumes are gone; a foreign container is as alive as before."""
    labels = ("--label", "org.testcontainers=true", "--label", "pytest-startup.session=somebody-elses")
    foreign = docker("run", "--detach", *labels, images.redis)
    try:
        before = volumes()
        with Keeper.join(session_id, os.getpid(), images.options(), soon()) as keeper:
            keeper.postgres(soon())
            keeper.redis(soon())
            assert set(by_service(session_id)) == OURS
        assert containers_of(session_id) == []
        assert volumes() <= before
        assert docker("inspect", "--format", "{{.State.Running}}", foreign) == "true"
    finally:
        docker("rm", "--force", "--volumes", foreign)


@pytest.mark.parametrize("disabled", ["false", "true"])
def test_ryuk_is_there_once_where_its_image_is(
    images: Images,
    session_id: str,
    image_which: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    disabled: str,
) -> None:
    """Two containers at once start one reaper between them, unless it is switched off; it goes with them."""
    reaper = image_which("echo Started!; exec redis-server --port 8080 --protected-mode no")
    monkeypatch.setenv("RYUK_CONTAINER_IMAGE", reaper)
    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", disabled)
    with Keeper.join(session_id, os.getpid(), images.options(), soon()) as keeper:
        keeper.warm(["postgres", "redis"], soon())
        keeper.postgres(soon())
        keeper.redis(soon())
        assert set(by_service(session_id)) == OURS
        assert len(running(reaper)) == (1 if disabled == "false" else 0)
    assert containers_of(session_id) == []
    wait_until(lambda: not running(reaper), "the reaper gone")


def running(image: str) -> list[str]:
    """Return the containers of an image, whatever their state."""
    return docker("ps", "--all", "--quiet", "--filter", f"ancestor={image}").split()


def test_docker_is_no_matter_of_the_process_of_the_tests() -> None:
    """Whatever testcontainers imports, warns of and registers stays in the keeper."""
    code = "import sys, pytest_startup.running, pytest_startup.services.session as s; s.Keeper; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert not {"docker", "testcontainers", "requests"} & set(told.stdout.split())
