"""The keeper: one per session, gone with its owner, and it takes away exactly what the run has started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.services.conftest import Client, remains, soon, wait_until

from pytest_startup.clock import now
from pytest_startup.errors import ServiceError
from pytest_startup.services import Keeper, KeeperLost, ServiceOptions, end_session
from pytest_startup.services.places import Place
from pytest_startup.services.reaping import Directory, Group, carries, end_tagged, has_ended
from pytest_startup.services.watching import Watch, created, wait_for_end

GONE_WITHIN = 2.0

StartClient = Callable[..., Client]
StartSleeper = Callable[..., "subprocess.Popen[bytes]"]


def keepers_of(session_id: str) -> list[psutil.Process]:
    """Return the processes that hold the lock of this session, by looking at every keeper of this machine."""
    lock = str(Place.of(session_id).lock)
    return [each for each in psutil.process_iter() if _holds(each, lock)]


def _holds(process: psutil.Process, lock: str) -> bool:
    try:
        if "pytest_startup.services.keeper" not in process.cmdline():
            return False
        return lock in {file.path for file in process.open_files()}
    except psutil.Error:
        return False


def servers_of(session_id: str) -> list[str]:
    """Return the names of the servers that carry the tag of this session."""
    keeper = keepers_of(session_id)[0]
    return sorted(child.name() for child in keeper.children())


def test_clients_of_one_moment_share_one_keeper_and_one_of_each_server(
    start_client: StartClient, session_id: str
) -> None:
    """Four clients that start and ask at the same moment get one keeper, one Postgres and one Valkey between them."""
    clients = [start_client() for _ in range(4)]
    for call in ("postgres", "redis"):
        for client in clients:
            client.tell(call)
    postgres = [client.hear()["ok"] for client in clients]
    redis = [client.hear()["ok"] for client in clients]
    assert len(keepers_of(session_id)) == 1
    assert servers_of(session_id) == ["postgres", "valkey-server"]
    assert len({each["port"] for each in postgres}) == 1
    assert len({each["database"] for each in postgres}) == 4
    assert {each["database"] for each in redis} == {"0", "1", "2", "3"}
    assert all(client.end() == 0 for client in clients)


def test_nothing_survives_an_owner_that_is_killed(
    start_client: StartClient, start_sleeper: StartSleeper, session_id: str, tmp_path: Path
) -> None:
    """SIGKILL of the owner ends servers, guarded groups, strays of the tag, directories and the keeper within 2 s."""
    owner = start_client(owner=0)
    for call in ("postgres", "redis", "llm"):
        owner.ask(call)
    app = start_sleeper("tag-of-a-boot")
    stray = start_sleeper("tag-of-a-boot")
    scratch = tmp_path / "scratch"
    (scratch / "deep").mkdir(parents=True)
    owner.ask("guard", pgid=app.pid, tag="tag-of-a-boot")
    owner.ask("guard_path", path=str(scratch))
    servers = [child for each in keepers_of(session_id) for child in each.children(recursive=True)]
    assert len(servers) > 3
    began = now()
    owner.process.kill()
    wait_until(lambda: not remains(session_id), "everything gone", GONE_WITHIN)
    for process in (app, stray):
        assert process.wait(1.0) == -9
    assert not scratch.exists()
    wait_until(lambda: all(map(has_ended, servers)), "no server left", GONE_WITHIN)
    wait_until(lambda: not keepers_of(session_id), "no keeper left", GONE_WITHIN)
    assert now() - began < GONE_WITHIN


def test_nothing_survives_ctrl_c(start_client: StartClient, start_sleeper: StartSleeper, session_id: str) -> None:
    """Ctrl-C reaches the run and not the keeper, which clears up all the same."""
    owner = start_client(owner=0)
    owner.ask("redis")
    app = start_sleeper("tag-of-ctrl-c")
    owner.ask("guard", pgid=app.pid, tag="tag-of-ctrl-c")
    keeper = keepers_of(session_id)[0]
    assert os.getsid(keeper.pid) != os.getsid(owner.process.pid)
    os.killpg(owner.process.pid, signal.SIGINT)
    owner.process.wait(GONE_WITHIN)
    wait_until(lambda: not remains(session_id), "everything gone", GONE_WITHIN)
    assert app.wait(1.0) == -9


def test_what_a_dead_worker_held_goes_and_the_rest_stays(
    start_client: StartClient, start_sleeper: StartSleeper, session_id: str, tmp_path: Path
) -> None:
    """A worker that dies loses its processes, directories and databases; another worker's are untouched."""
    dying, living = start_client(), start_client()
    held = {}
    for client, name in ((dying, "dying"), (living, "living")):
        sleeper = start_sleeper(name)
        client.ask("guard", pgid=sleeper.pid, tag=name)
        (tmp_path / name).mkdir()
        client.ask("guard_path", path=str(tmp_path / name))
        held[name] = (sleeper, client.endpoint("redis"))
    dying.process.kill()
    assert held["dying"][0].wait(GONE_WITHIN) == -9
    wait_until(lambda: not (tmp_path / "dying").exists(), "its directory gone", GONE_WITHIN)
    wait_until(lambda: living.endpoint("redis").database == held["dying"][1].database, "its index free", GONE_WITHIN)
    assert held["living"][0].poll() is None
    assert (tmp_path / "living").exists()
    assert remains(session_id)


def test_an_owner_who_closes_leaves_nothing(start_client: StartClient, session_id: str) -> None:
    """When the owner has closed, nothing is left at that very moment."""
    owner = start_client(owner=0)
    owner.ask("redis")
    assert owner.end() == 0
    assert remains(session_id) == []


def test_a_controller_that_never_joined_can_end_the_session(start_client: StartClient, session_id: str) -> None:
    """`end_session` ends a keeper that only workers have joined, and does nothing when there is none."""
    start_client().ask("redis")
    end_session(session_id)
    assert remains(session_id) == []
    end_session(session_id)


def test_servers_of_a_killed_keeper_are_ended_by_the_owner(session_id: str) -> None:
    """SIGKILL of the keeper itself is told to clients, and its servers go when the owner closes."""
    with Keeper.join(session_id, os.getpid(), ServiceOptions("embedded"), soon()) as keeper:
        keeper.postgres(soon())
        keeper.redis(soon())
        keepers_of(session_id)[0].kill()
        wait_until(lambda: not keepers_of(session_id), "the keeper gone")
        with pytest.raises(KeeperLost, match="redis: the process that keeps the services is not there"):
            keeper.redis(soon())
        assert remains(session_id)
    wait_until(lambda: remains(session_id) == [], "everything gone", GONE_WITHIN)


def test_a_server_that_dies_while_it_is_used_is_told_with_its_log(session_id: str) -> None:
    """When a server has gone, the next one who needs it hears so, not just that a connection was refused."""
    with Keeper.join(session_id, os.getpid(), ServiceOptions("embedded"), soon()) as keeper:
        keeper.redis(soon())
        valkey = keepers_of(session_id)[0].children()[0]
        valkey.kill()
        wait_until(lambda: has_ended(valkey), "the server gone")
        with pytest.raises(ServiceError, match=r"(?s)redis: ConnectionError: .*redis has ended with code -9; its log"):
            keeper.redis(soon())


def test_a_foreign_process_is_never_touched(start_sleeper: StartSleeper) -> None:
    """A group whose number now belongs to somebody else is left alone, and so is another boot's process."""
    foreign, other = start_sleeper(), start_sleeper("another-boot")
    gone = start_sleeper("mine")
    registered = Group.of(gone.pid, "mine")
    gone.kill()
    gone.wait()
    for group in (Group(foreign.pid, "mine", registered.leader), Group(other.pid, "mine", None)):
        group.end()
    end_tagged({"mine"})
    assert foreign.poll() is None
    assert other.poll() is None


def test_a_group_is_known_by_its_tag_when_its_leader_was_replaced(start_sleeper: StartSleeper) -> None:
    """A group that was registered too late, but carries the tag, is ours all the same."""
    ours = start_sleeper("mine-again")
    wait_until(lambda: carries(ours.pid, {"mine-again"}), "it to run")
    Group(ours.pid, "mine-again", None).end()
    assert ours.wait(1.0) == -9


def test_a_directory_that_was_replaced_is_left_alone(tmp_path: Path) -> None:
    """Only the very directory that was registered is removed, not what stands in its place, nor what a link names."""
    (tmp_path / "kept").mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    registered = Directory.of(scratch)
    scratch.rename(tmp_path / "moved")
    scratch.mkdir()
    registered.remove()
    assert scratch.exists()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    with pytest.raises(NotADirectoryError):
        Directory.of(tmp_path / "link")


@pytest.mark.parametrize("which", [0, 1, os.getpgrp()], ids=["nobody", "init", "the run's own"])
def test_the_run_itself_cannot_be_guarded(keeper: Keeper, which: int) -> None:
    """A process group that no boot can have started is refused."""
    with pytest.raises(ServiceError, match="is not one that a boot has started"):
        keeper.guard(which, "tag")


def test_a_path_that_is_not_there_cannot_be_guarded(keeper: Keeper, tmp_path: Path) -> None:
    """A relative path, and one which is no directory, are refused."""
    for path in (Path("relative"), tmp_path / "nothing"):
        with pytest.raises(ServiceError, match=re.escape(str(path))):
            keeper.guard_path(path)


def test_all_of_a_run_name_the_same_options(keeper: Keeper) -> None:
    """A client with other options is refused, since the servers are there already."""
    with pytest.raises(ServiceError, match="started with other options"):
        Keeper.join(keeper.place.session_id, os.getpid(), ServiceOptions("native"), soon())


def test_a_home_that_somebody_else_made_is_refused(session_id: str) -> None:
    """A directory of the right name that others can write is never used."""
    home = Path(Place.of(session_id).home)
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    with pytest.raises(ServiceError, match="is not ours alone"):
        Keeper.join(session_id, os.getpid(), ServiceOptions(), soon())
    end_session(session_id)
    home.rmdir()


def test_a_keeper_that_cannot_run_says_why(session_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the keeper said last is part of the error."""
    (tmp_path / "psutil.py").write_text("raise ImportError('this psutil is broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(KeeperLost, match="this psutil is broken"):
        Keeper.join(session_id, os.getpid(), ServiceOptions(), soon())


def test_an_owner_that_is_gone_has_no_keeper(session_id: str) -> None:
    """Nothing is started for a run that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with pytest.raises(KeeperLost, match=f"owner process {ended.pid}"):
        Keeper.join(session_id, ended.pid, ServiceOptions(), soon())
    assert remains(session_id) == []


@pytest.mark.parametrize("polled", [False, True], ids=["pidfd", "polled"])
def test_the_end_of_a_process_is_seen_at_once(start_sleeper: StartSleeper, *, polled: bool) -> None:
    """The end is seen by the system's own notice where there is one, and by looking where there is none."""
    sleeper = start_sleeper()
    seen = Watch.on(sleeper.pid, created(sleeper.pid) or 0.0)
    watch = Watch(seen.pid, seen.process, None if polled else seen.descriptor)
    reader, writer = os.pipe()
    assert not watch.gone()
    sleeper.kill()
    wait_for_end(watch, reader)
    assert watch.gone()
    for descriptor in (reader, writer, *([seen.descriptor] if seen.descriptor is not None else [])):
        os.close(descriptor)


def test_a_number_that_was_given_to_another_process_is_gone(start_sleeper: StartSleeper) -> None:
    """A process of the same number that was created at another time is not the one that we watch."""
    sleeper = start_sleeper()
    watch = Watch.on(sleeper.pid, (created(sleeper.pid) or 0.0) - 60)
    assert watch.gone()
    if watch.descriptor is not None:
        os.close(watch.descriptor)


@pytest.mark.parametrize("session", ["", "short", "../../../etc/passwd", "A" * 20])
def test_a_session_id_is_no_path(session: str) -> None:
    """An id which could be guessed, or lead elsewhere, is refused."""
    with pytest.raises(ServiceError, match="is not 12 to 40"):
        Place.of(session)


def test_the_socket_has_a_short_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the temporary directory's path is, the socket's fits."""
    monkeypatch.setattr("tempfile.tempdir", "/" + "long/" * 40)
    assert len(str(Place.of("a" * 40).socket)) < 100
