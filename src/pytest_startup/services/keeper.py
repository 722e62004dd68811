"""The keeper: one process per test session, which hosts the services and clears up after the run.

It stands outside the run's own session and process group, so Ctrl-C does not reach it, and it watches the run's root
process: when that is gone, whether it ended, crashed or was killed, the keeper takes away everything that the run has
started, and ends. Run as `python -m pytest_startup.services.keeper`, told all it needs through its standard input.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError, StartupError
from pytest_startup.services import daemon, wire
from pytest_startup.services.endpoints import endpoint_from, options_from, to_wire
from pytest_startup.services.holdings import Holdings, attempt, groups_of
from pytest_startup.services.hosting import Hosting
from pytest_startup.services.places import Place
from pytest_startup.services.processes import Site
from pytest_startup.services.watching import Watch, wait_for_end

START_SECONDS = 20.0
"""How long another keeper of the same session, which was faster, may take until it listens."""

_WAKE_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Message = Mapping[str, Any]


@dataclass(slots=True)
class Keeper:
    """The keeper at work."""

    place: Place
    owner: Watch
    hosting: Hosting
    holdings: Holdings
    listener: socket.socket
    wake_reader: int
    wake_writer: int
    _answers: dict[str, Callable[[Message, Deadline], Any]] = field(init=False)

    def __post_init__(self) -> None:
        """List the questions that we answer."""
        self._answers = {
            "warm": lambda about, by: self.hosting.warm(about["services"], by),
            "absent_images": lambda about, _: self.hosting.absent_images(about["services"]),
            "pull": lambda about, _: self.hosting.pull(about["services"]),
            "postgres": lambda about, by: self._grant(about, self.hosting.postgres(about["template"], by)),
            "redis": lambda about, by: self._grant(about, self.hosting.redis(by)),
            "llm": lambda about, by: self._grant(about, self.hosting.llm(about["replies"], by)),
            "give_back": lambda about, _: self.holdings.give_back(about["client"], endpoint_from(about["endpoint"])),
            "template": self._template,
            "template_done": lambda about, by: self.hosting.template_done(about["key"], by),
            "template_failed": lambda about, _: self.hosting.templates.failed(about["key"], about["reason"]),
            "guard": lambda about, _: self.holdings.guard(about["client"], about["pgid"], about["tag"]),
            "expect": lambda about, _: self.holdings.expect(about["client"], about["tag"]),
            "release": lambda about, _: self.holdings.release(about["client"], about["pgid"]),
            "guard_path": lambda about, _: self.holdings.guard_path(about["client"], about["path"]),
            "choices": lambda _, __: [to_wire(each) for each in list(self.hosting.choices.values())],
            "leave": lambda about, _: self.holdings.leave(about["client"]),
            "close": lambda _, __: self.end(),
        }

    def _grant(self, about: Message, endpoint: Any) -> dict[str, Any]:  # noqa: ANN401  # an Endpoint
        return to_wire(self.holdings.grant(about["client"], endpoint))

    def _template(self, about: Message, deadline: Deadline) -> dict[str, Any] | None:
        endpoint = self.hosting.template(about["key"], about["client"], deadline)
        if not self.holdings.has(about["client"]):
            self.hosting.abandon(about["client"])
        return None if endpoint is None else to_wire(endpoint)

    def run(self) -> None:
        """Serve until the owner is gone or asks us to end; then clear everything up."""
        threading.Thread(target=self._accept, daemon=True).start()
        wait_for_end(self.owner, self.wake_reader)
        self.close()

    def end(self) -> None:
        """Make `run` return."""
        os.write(self.wake_writer, b".")

    def close(self) -> None:
        """Take away all that the run has started: processes, what we have on foreign servers, our own servers."""
        for step in (self.holdings.end_all, self.hosting.close, self.hosting.site.close):
            attempt(step)

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rwb") as stream:
            message = wire.receive(stream)
            if message is None:
                return
            if message["ask"] == "join":
                self._accompany(message, stream)
            else:
                wire.send(stream, self._reply(message))

    def _reply(self, message: Message) -> dict[str, Any]:
        try:
            answer = self._answers[message["ask"]](message, wire.deadline_from(message["deadline"]))
        except StartupError as error:
            return {"error": wire.error_to_wire(error)}
        except Exception as error:  # noqa: BLE001  # a client must hear of every failure, not wait for ever
            traceback.print_exc()
            said = f"{message['ask']}: {type(error).__name__}: {error}{self.hosting.site.obituary()}"
            return {"error": wire.error_to_wire(ServiceError(said))}
        return {"answer": answer}

    def _accompany(self, message: Message, stream: wire.Stream) -> None:
        """Stay with a client until its connection ends, however it ends; then take away what it holds."""
        if options_from(message["options"]) != self.hosting.options:
            error = ServiceError("this run's services were started with other options; all of a run must name the same")
            wire.send(stream, {"error": wire.error_to_wire(error)})
            return
        client = secrets.token_hex(4)
        self.holdings.enter(client)
        try:
            wire.send(stream, {"answer": client})
            stream.read()
        finally:
            self.holdings.leave(client)


def _detach() -> None:
    """Go on as an orphan: nobody has to wait for us, and nobody counts us among the children of the run."""
    if os.fork() != 0:
        os._exit(0)


def _lock(place: Place) -> IO[bytes] | None:
    """Return the lock of the session, or None when another keeper holds it and listens."""
    deadline = Deadline.after(START_SECONDS, "another keeper of this session")
    file = place.lock.open("wb")
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        with suppress(OSError), wire.connect(place.socket, 1.0):
            file.close()
            return None
        threading.Event().wait(0.01)
        deadline.check()


def _listen(place: Place) -> socket.socket:
    """Return the listening socket; its name appears only when it can be connected to."""
    fresh = place.socket.with_name("k.new")
    fresh.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(fresh))
    listener.listen(128)
    fresh.rename(place.socket)
    return listener


def _keeper(place: Place, told: Message) -> Keeper:
    owner = Watch.on(told["owner"], told["born"])
    reader, writer = os.pipe()
    for number in _WAKE_SIGNALS:
        signal.signal(number, lambda *_: os.write(writer, b"."))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if place.socket.exists():  # the keeper before us was killed, and could not end its servers
        place.end_servers()
    options = options_from(told["options"])
    if options.provider == "docker":
        daemon.load_early()
    hosting = Hosting(Site(place, owner.pid), options)
    holdings = Holdings(hosting, groups_of([owner.pid]))
    return Keeper(place, owner, hosting, holdings, _listen(place), reader, writer)


def _cut_off(place: Place) -> None:
    """Say that we are ready, and let go of the standard streams: they belong to whoever started us.

    He may be gone by now: then there is nobody to tell, and all the more to clear up. Errors go to a log of our own.
    """
    with suppress(OSError):
        os.write(1, b"ready\n")
    with open(os.devnull, "r+b") as nothing, place.log.open("ab") as log:  # noqa: PTH123
        for number, file in ((0, nothing), (1, nothing), (2, log)):
            os.dup2(file.fileno(), number)


def main() -> None:
    """Become the keeper of a session, or find that there is one; say `ready` in both cases."""
    told: Message = json.loads(sys.stdin.buffer.read())
    place = Place.of(told["session"])
    os.chdir("/")
    _detach()
    place.open()
    lock = _lock(place)
    if lock is None:
        _cut_off(place)
        return
    try:
        keeper = _keeper(place, told)
        _cut_off(place)
        keeper.run()
    finally:
        place.remove()
    # Threads may still wait for servers that are gone: nothing of theirs is worth waiting for.
    os._exit(0)


if __name__ == "__main__":
    main()
