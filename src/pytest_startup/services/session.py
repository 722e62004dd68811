"""What the engines use: `Keeper`, the client of the process that hosts the services of this run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pytest_startup.clock import Deadline
from pytest_startup.errors import DeadlineExceeded, ServiceError
from pytest_startup.services import wire
from pytest_startup.services.endpoints import (
    SERVICES,
    Choice,
    Endpoint,
    ServiceOptions,
    choice_from,
    endpoint_from,
    to_wire,
)
from pytest_startup.services.errors import KeeperLost
from pytest_startup.services.places import Place, new_session_id
from pytest_startup.services.starting import last_words, start_keeper

if TYPE_CHECKING:
    from pytest_startup.contract.values import TextReply, ToolReply

    Reply = Mapping[str, Any] | TextReply | ToolReply

__all__ = ["Choice", "Endpoint", "Keeper", "ServiceOptions", "end_session", "new_session_id"]

CLOSE_SECONDS = 10.0


@dataclass(slots=True)
class Keeper:
    """A client of the run's keeper. A context manager; every method may be called from any thread.

    Every method raises `DeadlineExceeded` when its time is up, and `KeeperLost` when the keeper is gone.
    """

    place: Place
    client: str
    is_owner: bool
    _lifeline: socket.socket = field(repr=False)

    @classmethod
    def join(cls, session_id: str, owner_pid: int, options: ServiceOptions, deadline: Deadline) -> Self:
        """Join the keeper of this session, starting it when there is none yet.

        `owner_pid` is the run's root process: the keeper ends with it. Everyone of a run gives the same `options`.
        """
        place = Place.of(session_id)
        lifeline = _connected(place, owner_pid, options, deadline)
        try:
            client = _admitted(place, lifeline, options, deadline)
        except BaseException:
            lifeline.close()
            raise
        return cls(place, client, owner_pid == os.getpid(), lifeline)

    def __enter__(self) -> Self:
        """Return itself: it has joined already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _ask(self, question: str, deadline: Deadline, /, **details: Any) -> Any:  # noqa: ANN401  # whatever JSON carries
        try:
            return wire.ask(self.place.socket, question, deadline, client=self.client, **details)
        except KeeperLost:
            raise KeeperLost(question, last_words(self.place)) from None

    def _tell(self, question: str, /, **details: Any) -> None:  # noqa: ANN401  # whatever JSON carries
        self._ask(question, Deadline.after(CLOSE_SECONDS, f"telling the keeper to {question}"), **details)

    def warm(self, services: Sequence[str], deadline: Deadline) -> None:
        """Start some of "postgres", "redis", "llm" at the same time, and don't wait; failures show at first use."""
        self._ask("warm", deadline, services=list(services))

    def absent_images(self, services: Sequence[str], deadline: Deadline) -> Sequence[str]:
        """Return the images of "postgres" and "redis", as far as they are among `services`, which are not there yet.

        Empty where no container was asked for; raises `ServiceUnavailable` where no daemon serves us.
        """
        images: list[str] = self._ask("absent_images", deadline, services=list(services))
        return images

    def pull(self, services: Sequence[str], deadline: Deadline) -> None:
        """Have the images of these services pulled; raises `ServiceUnavailable` when one cannot be."""
        self._ask("pull", deadline, services=list(services))

    def postgres(self, deadline: Deadline, template: str | None = None) -> Endpoint:
        """Return a fresh database for one boot: empty, or a clone of the template with this key."""
        return endpoint_from(self._ask("postgres", deadline, template=template))

    def redis(self, deadline: Deadline) -> Endpoint:
        """Return an index of a Redis for one boot: empty, but for one key of ours on an external server."""
        return endpoint_from(self._ask("redis", deadline))

    def llm(self, replies: Sequence[Reply], deadline: Deadline) -> Endpoint:
        """Return an OpenAI-compatible stub for one boot, which nobody else uses meanwhile.

        `replies`: {"text": str} or {"tool": name, "arguments": {...}}, or the contract's objects with these fields; in
        order, the last one again and again. With none at all it answers as it likes: calls a tool that is offered,
        then says something.
        """
        return endpoint_from(self._ask("llm", deadline, replies=[_plain(each) for each in replies]))

    def give_back(self, endpoint: Endpoint) -> None:
        """Take back what a boot had: the database is dropped, the index cleared, the stub reset.

        With a keeper that is gone there is nothing to give back to, and nothing is raised.
        """
        with suppress(KeeperLost):
            self._tell("give_back", endpoint=to_wire(endpoint))

    def template(self, key: str, deadline: Deadline) -> Endpoint | None:
        """Return an empty database when it is on us to prepare the template `key`; None once it is ready.

        Whoever gets a database says `template_done` or `template_failed`; others wait until then. Raises
        `TemplateFailed` for everyone when the preparation failed. `prepared` does it all.
        """
        raw = self._ask("template", deadline, key=key)
        return None if raw is None else endpoint_from(raw)

    def template_done(self, key: str, deadline: Deadline) -> None:
        """Say that the template is ready: nobody can connect to it any more, everyone may clone it."""
        self._ask("template_done", deadline, key=key)

    def template_failed(self, key: str, reason: str) -> None:
        """Say that the template cannot be prepared, to everyone who waits or will ask."""
        self._tell("template_failed", key=key, reason=reason)

    def prepared(self, key: str, prepare: Callable[[Endpoint], None], deadline: Deadline) -> None:
        """Have the template `key` ready: `prepare` is called with an empty database by the first, others wait."""
        endpoint = self.template(key, deadline)
        if endpoint is None:
            return
        try:
            prepare(endpoint)
        except BaseException as error:
            self.template_failed(key, f"{error}" or type(error).__name__)
            raise
        self.template_done(key, deadline)

    def expect(self, tag: str) -> None:
        """Have whatever carries `STARTUP_BOOT_ID=tag` killed when we close or die, said before it is spawned."""
        self._tell("expect", tag=tag)

    def guard(self, pgid: int, tag: str) -> None:
        """Have this process group, and whatever carries `STARTUP_BOOT_ID=tag`, killed when we close or die.

        `release` takes the group from the list again; what left the group and carries the tag stays on it.
        """
        self._tell("guard", pgid=pgid, tag=tag)

    def release(self, pgid: int) -> None:
        """Say that a guarded process group has ended; nothing is raised when the keeper is gone."""
        with suppress(KeeperLost):
            self._tell("release", pgid=pgid)

    def guard_path(self, path: Path) -> None:
        """Have this directory removed when we close or die."""
        self._tell("guard_path", path=str(path))

    def choices(self) -> Sequence[Choice]:
        """Return what was chosen for each service that was used so far, and why nothing before it."""
        deadline = Deadline.after(CLOSE_SECONDS, "asking the keeper for its choices")
        found = [choice_from(raw) for raw in self._ask("choices", deadline)]
        return sorted(found, key=lambda choice: SERVICES.index(choice.service))

    def close(self) -> None:
        """Give everything back. The owner ends the session with it, and returns when nothing is left."""
        with self._lifeline:
            if self.is_owner:
                _end(self.place, self._lifeline)
            else:
                with suppress(ServiceError, DeadlineExceeded):
                    self._tell("leave")


def _plain(reply: Reply) -> Mapping[str, Any]:
    return reply if isinstance(reply, Mapping) else {each.name: getattr(reply, each.name) for each in fields(reply)}


def _connected(place: Place, owner_pid: int, options: ServiceOptions, deadline: Deadline) -> socket.socket:
    while True:
        with suppress(OSError):
            return wire.connect(place.socket, deadline.remaining())
        deadline.check()
        start_keeper(place, owner_pid, options, deadline)


def _admitted(place: Place, lifeline: socket.socket, options: ServiceOptions, deadline: Deadline) -> str:
    """Return the name by which the keeper knows us as long as the lifeline is open."""
    lifeline.settimeout(deadline.remaining() + wire.GRACE)
    try:
        reply = wire.exchange(lifeline, {"ask": "join", "options": to_wire(options)})
    except TimeoutError:
        raise DeadlineExceeded(deadline.what, deadline.seconds) from None
    except OSError:
        reply = None
    if reply is None:
        raise KeeperLost("joining", last_words(place))
    if "error" in reply:
        raise wire.error_from(reply["error"])
    client: str = reply["answer"]
    return client


def end_session(session_id: str) -> None:
    """End the keeper of this session if there is one, for an owner who never joined it (an xdist controller)."""
    place = Place.of(session_id)
    try:
        connection = wire.connect(place.socket, 1.0)
    except OSError:
        _clear_up_after(place)
        return
    with connection:
        _end(place, connection)


def _end(place: Place, connection: socket.socket) -> None:
    """Ask the keeper to end, and wait for the end of a connection to it: then all is cleared up.

    A keeper that was killed cannot clear up: then we do it in its place.
    """
    deadline = Deadline.after(CLOSE_SECONDS, "the keeper's clearing up")
    with suppress(ServiceError, DeadlineExceeded):
        wire.ask(place.socket, "close", deadline)
    with suppress(OSError):
        connection.settimeout(deadline.remaining())
        connection.recv(1)
    _clear_up_after(place)


def _clear_up_after(place: Place) -> None:
    """Do what a keeper has left undone; nothing when it ended as it should."""
    if place.is_open():
        place.end_servers()
        place.remove()
