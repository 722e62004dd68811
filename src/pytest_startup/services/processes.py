"""Running a server as our child: as whom, on which port, until when, and what it said last."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError
from pytest_startup.services.containers import Containers
from pytest_startup.services.errors import ServerEnded
from pytest_startup.services.places import Place
from pytest_startup.services.reaping import TAG, end_tree

LOOPBACK = "127.0.0.1"

PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
"""What a server sees of our environment: where programs and libraries are, and nothing that could configure it."""

STOP_SECONDS = 0.8
"""How long a server may take to stop by itself; its data are thrown away anyway."""

_TAIL_BYTES = 16384
_PROBE_PAUSE = 0.004


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    uid: int
    gid: int


def other_account() -> Account | None:
    """Return whom servers run as: `nobody` when we are root (Postgres refuses to run as root), None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        msg = "servers do not run as root, and there is no user `nobody`; run the tests as an ordinary user"
        raise ServiceError(msg) from None
    return Account(entry.pw_uid, entry.pw_gid)


def free_port() -> int:
    """Return a TCP port that nobody listens on just now; somebody may take it before the server does."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Server:
    """One running child of ours."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals | None = signal.SIGKILL
    """How it is asked to stop; None: it soon ends by itself, and leaves something behind when it is hurried."""
    end_is_known: bool = False
    """Whether somebody has been told that it ended, or ended it."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def last_words(self, lines: int = 8) -> str:
        """Return the last lines of its log."""
        with suppress(OSError), self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        return ""

    def wait_until(self, ready: Callable[[], bool], deadline: Deadline) -> None:
        """Return when `ready` says so; raises `ServerEnded` as soon as the server ends, or `DeadlineExceeded`."""
        while not (ready() and self.alive):
            with suppress(subprocess.TimeoutExpired):
                raise self._ended(self.process.wait(_PROBE_PAUSE))
            deadline.check()

    def _ended(self, code: int) -> ServerEnded:
        self.end_is_known = True
        return ServerEnded(self.name, code, self.last_words())

    def run_to_end(self, deadline: Deadline) -> None:
        """Wait for a program that does its work and exits; raises `ServerEnded` when it failed."""
        try:
            code = self.process.wait(deadline.remaining())
        except subprocess.TimeoutExpired:
            self.stop()
            deadline.check()
            raise
        if code != 0:
            raise self._ended(code)

    def ask_to_stop(self) -> None:
        """Send its stop signal, if it is one that it can hear, and don't wait."""
        if self.stop_signal is not None and self.stop_signal is not signal.SIGKILL and self.alive:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """End it and everything below it; it does not matter in which state its data are left."""
        self.end_is_known = True
        self.ask_to_stop()
        if self.stop_signal is not signal.SIGKILL:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        if self.alive:
            end_tree(self.process.pid)
        self.process.wait()


@dataclass(slots=True)
class Site:
    """Where the servers of one session run: directories, account, and a list of everything that was started.

    `owner` is the root process of the run.
    """

    place: Place
    owner: int = field(default_factory=os.getpid)
    account: Account | None = field(default_factory=other_account)
    data: Path = field(init=False)
    containers: Containers = field(init=False)
    _servers: list[Server] = field(default_factory=list)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Choose where data are kept; nothing is made yet."""
        self.data = self.place.choose_data_directory(for_others=self.account is not None)
        self.containers = Containers(self.place, self.owner)

    def directory(self, name: str) -> Path:
        """Make and return a private directory for data, owned by the account that servers run as."""
        for path in (self.data, self.data / name):
            path.mkdir(mode=0o700, exist_ok=True)
            self.give(path)
        return self.data / name

    def give(self, path: Path) -> None:
        """Let the account that servers run as own `path`."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only the servers' account can read."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        self.give(path)
        return path

    def spawn(
        self,
        name: str,
        command: Sequence[str],
        *,
        stop_signal: signal.Signals | None = signal.SIGKILL,
        environment: Mapping[str, str] | None = None,
        as_ourselves: bool = False,
    ) -> Server:
        """Start a child in a session of its own, its output in a log; raises OSError when it cannot be executed."""
        account = None if as_ourselves else self.account
        log = self.place.home / f"{name}.log"
        with self._lock, log.open("ab") as output:
            if self._closed:
                msg = f"{name} is not started: the run has ended"
                raise ServiceError(msg)
            process = subprocess.Popen(  # our own command line, no shell
                list(command),
                cwd="/",
                env=self._environment(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.uid if account is not None else None,
                group=account.gid if account is not None else None,
                extra_groups=[] if account is not None else None,
            )
            server = Server(name, process, log, stop_signal)
            self._servers.append(server)
        return server

    def obituary(self) -> str:
        """Return what is to be said of servers that ended when nobody expected it; empty as long as all is well."""
        with self._lock:
            lost = [each for each in self._servers if each.process.poll() and not each.end_is_known]
        servers = (
            f"\n{each.name} has ended with code {each.process.returncode}; its log ends with:\n{each.last_words()}"
            for each in lost
        )
        return "".join([*servers, self.containers.obituary()])

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        ours = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {**ours, "LC_ALL": "C", "TZ": "UTC", TAG: self.place.session_id, **more}

    def close(self) -> None:
        """Stop everything that was started here, and start nothing any more."""
        with self._lock:
            self._closed = True
        for server in self._servers:
            server.ask_to_stop()
        try:
            self.containers.close()
        finally:
            for server in self._servers:
                server.stop()


def start_on_free_port(
    launch: Callable[[int], Server],
    ready: Callable[[int], bool],
    deadline: Deadline,
    pick: Callable[[], int] = free_port,
) -> int:
    """Launch a server on a port of its own until it is ready there, and return the port.

    Somebody may take the port between our choice and the server's bind: then the server ends, saying so, and we choose
    another one.
    """
    while True:
        port = pick()
        server = launch(port)
        try:
            server.wait_until(lambda: ready(port), deadline)  # noqa: B023  # called within this round only
        except ServerEnded as ended:
            if "already in use" not in ended.last_words:
                raise
            deadline.check()
        except BaseException:
            server.stop()
            raise
        else:
            return port
