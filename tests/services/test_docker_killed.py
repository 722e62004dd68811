"""Whoever is killed, and whenever: of what a run had out of containers, nothing is left, and in time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest
from tests.services.conftest import Client, nothing_is_left, remains, wait_until
from tests.services.machine import Images, containers_of, docker, volumes
from tests.services.test_keeper import keepers_of

from pytest_startup.services.reaping import has_ended

pytestmark = pytest.mark.xdist_group("docker")  # the daemon and its volumes are one for all

StartClient = Callable[..., Client]

GONE_WITHIN = 5.0
GUARDIAN = "pytest_startup.services.sweeping"


def guardians_of(keeper: psutil.Process) -> list[psutil.Process]:
    """Return the guardians that this keeper has started."""
    return [child for child in keeper.children() if GUARDIAN in child.cmdline()]


@dataclass
class Session:
    """A session with containers, and everything that must go with it."""

    session_id: str
    owner: Client
    keeper: psutil.Process
    guardian: psutil.Process
    volumes_before: set[str]

    def left(self) -> list[str]:
        """Return what is still there."""
        found = [f"container {each['Name']}" for each in containers_of(self.session_id)]
        found += [f"volume {name}" for name in volumes() - self.volumes_before]
        found += [name for name in ("keeper", "guardian") if not has_ended(getattr(self, name))]
        return found + remains(self.session_id)

    def is_gone_in_time(self) -> bool:
        """Wait until nothing is left, and return whether that came in time."""
        return nothing_is_left(self.left)


@pytest.fixture
def session(start_client: StartClient, images: Images, session_id: str) -> Iterator[Session]:
    """Return a session with both containers, whose owner is a process of its own; a test that fails leaves none."""
    before = volumes()
    owner = start_client(owner=0, options=[images.wired()])
    for call in ("postgres", "redis"):
        owner.tell(call)
    for _ in range(2):
        assert "ok" in owner.hear()
    keeper = keepers_of(session_id)[0]
    (guardian,) = guardians_of(keeper)
    assert len(containers_of(session_id)) == 2
    yield Session(session_id, owner, keeper, guardian, before)
    for each in containers_of(session_id):
        docker("rm", "--force", "--volumes", each["Id"])


def test_the_owner_is_killed(session: Session) -> None:
    """SIGKILL of the run: its keeper takes everything away, and goes itself."""
    session.owner.process.kill()
    assert session.is_gone_in_time()


def test_the_keeper_is_killed(session: Session) -> None:
    """SIGKILL of the keeper: its guardian takes the containers away while the run goes on, the owner the rest."""
    session.keeper.kill()
    wait_until(lambda: not containers_of(session.session_id), "the containers gone", GONE_WITHIN)
    assert session.owner.process.poll() is None
    session.owner.end()
    assert session.is_gone_in_time()


def test_the_guardian_is_killed(session: Session) -> None:
    """SIGKILL of the guardian changes nothing, as long as there is a keeper."""
    session.guardian.kill()
    session.owner.process.kill()
    assert session.is_gone_in_time()


def test_guardian_and_keeper_are_killed(session: Session) -> None:
    """When both are gone, the owner takes everything away at his end."""
    for process in (session.guardian, session.keeper):
        process.kill()
    session.owner.end()
    assert session.is_gone_in_time()


def test_owner_and_keeper_are_killed(session: Session) -> None:
    """When the run and its keeper are gone at the same moment, the guardian does it all."""
    os.kill(session.owner.process.pid, signal.SIGKILL)
    session.keeper.kill()
    assert session.is_gone_in_time()


def test_another_keeper_of_the_session_keeps_its_containers(
    session: Session, start_client: StartClient, images: Images
) -> None:
    """When a killed keeper is replaced by a new one, the old one's guardian leaves alone what the new one makes."""
    old = {each["Id"] for each in containers_of(session.session_id)}
    session.guardian.suspend()
    session.keeper.kill()
    wait_until(lambda: has_ended(session.keeper), "the keeper gone")
    other = start_client(owner=session.owner.process.pid, options=[images.wired()])
    other.ask("redis")
    (new,) = containers_of(session.session_id)
    assert new["Id"] not in old
    session.guardian.resume()
    wait_until(lambda: has_ended(session.guardian), "the old guardian gone")
    assert [new["Id"]] == [each["Id"] for each in containers_of(session.session_id)]
    for process in keepers_of(session.session_id):
        session.keeper = process
    session.owner.process.kill()
    assert session.is_gone_in_time()
