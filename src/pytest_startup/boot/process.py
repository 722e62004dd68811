"""The application's process: spawned in a group of its own, drained, stopped, and gone afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import psutil

from pytest_startup.boot.recorder import Recorder
from pytest_startup.clock import Deadline
from pytest_startup.errors import BootError
from pytest_startup.events.process import Exited, Killed, LeftBehind, OutputDropped, Spawned, StopRequested
from pytest_startup.services.reaping import TAG, tagged

KEPT = 4 << 20
"""Bytes of output per stream which are kept whole; after them only the last lines are."""

LAST_LINES = 200
LONGEST_LINE = 16 << 10
DRAIN_SECONDS = 1.0
LAST_STEPS_SECONDS = 0.5
"""What a child may need to see that its parent has gone."""
LOOK_SECONDS = 0.05
PORTS = range(20000, 32000)
ATTEMPTS = 100


class Drain(threading.Thread):
    """Reads one stream to its end, so that the application never blocks on it, however much it prints."""

    def __init__(self, stream: IO[bytes], name: Literal["stdout", "stderr"], recorder: Recorder) -> None:
        """Read `stream` into the trace, line by line."""
        super().__init__(name=f"startup-{name}", daemon=True)
        self._stream, self._name, self._recorder = stream, name, recorder
        self._kept = self._dropped = 0
        self._tail: deque[bytes] = deque(maxlen=LAST_LINES)

    def run(self) -> None:
        """Drain until the last holder of the stream has closed it."""
        with self._stream:
            while line := self._stream.readline(LONGEST_LINE):
                self._take(line)
        for line in self._tail:
            self._recorder.line(self._name, _text(line))
        if self._dropped:
            at = self._recorder.elapsed()
            self._recorder.add(OutputDropped(at=at, stream=self._name, bytes=self._dropped))

    def _take(self, line: bytes) -> None:
        self._kept += len(line)
        if self._kept <= KEPT:
            self._recorder.line(self._name, _text(line))
            return
        if len(self._tail) == LAST_LINES:
            self._dropped += len(self._tail[0])
        self._tail.append(line)
        self._recorder.recognise(self._name, _text(line), self._recorder.elapsed())


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace").rstrip("\r\n")


class Process:
    """One spawned application: it has a tag, a process group, two drains, and one way to end."""

    def __init__(self, recorder: Recorder, tag: str) -> None:
        """Prepare; `spawn` starts it."""
        self._recorder, self.tag = recorder, tag
        self._popen: subprocess.Popen[bytes] | None = None
        self._drains: list[Drain] = []
        self._children: list[psutil.Process] = []
        self._asked = False

    @property
    def pid(self) -> int:
        """The process id, which is its group's as well."""
        return self._popen.pid if self._popen is not None else 0

    def resident(self) -> int:
        """Return the resident set of it and its children in bytes; 0 when it cannot be had."""
        found = 0
        with contextlib.suppress(psutil.Error):
            main = psutil.Process(self.pid)
            for process in (main, *main.children(recursive=True)):
                with contextlib.suppress(psutil.Error):  # one that ends meanwhile has none
                    found += process.memory_info().rss
        return found

    def cpu(self) -> float:
        """Return the CPU seconds that it and its children have used, as far as they can be had."""
        found = 0.0
        with contextlib.suppress(psutil.Error):
            main = psutil.Process(self.pid)
            for process in (main, *main.children(recursive=True)):
                with contextlib.suppress(psutil.Error):  # one that ends meanwhile is among those of its parent
                    found += sum(process.cpu_times()[:4])
        return found

    def queued(self) -> float:
        """Return the seconds for which it was ready to run and had no core; 0 where the system does not tell.

        Linux: the second number of /proc/PID/schedstat, in nanoseconds, of the main thread (sched-stats.rst).
        """
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{self.pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
        return 0.0

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], directory: Path, keep: Sequence[int] = ()) -> None:
        """Start `argv`; descriptors of `keep` stay open in it. Raises `BootError` when there is nothing to run.

        Without such a descriptor it is a command, which waits on its stdin for the word (`go`).
        """
        self._recorder.begin()
        try:
            self._popen = subprocess.Popen(
                argv,
                env={**env, TAG: self.tag},
                cwd=directory,
                stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=keep,
                start_new_session=True,
            )
        except OSError as error:
            fix = "look at launch.interpreter, launch.command and launch.directory of the contract"
            raise BootError(f"starting {argv[0]}", error.strerror or str(error), fix) from error
        command = tuple(self._recorder.mask(word) for word in argv)
        self._recorder.add(Spawned(at=0.0, pid=self.pid, command=command, directory=str(directory)))
        self._watch(self._popen)

    def _watch(self, popen: subprocess.Popen[bytes]) -> None:
        streams: list[tuple[Literal["stdout", "stderr"], IO[bytes] | None]] = [
            ("stdout", popen.stdout),
            ("stderr", popen.stderr),
        ]
        self._drains = [Drain(stream, name, self._recorder) for name, stream in streams if stream is not None]
        for drain in self._drains:
            drain.start()
        threading.Thread(target=self._await_exit, args=(popen,), name="startup-exit", daemon=True).start()

    def _await_exit(self, popen: subprocess.Popen[bytes]) -> None:
        code = popen.wait()
        deadline = Deadline.after(DRAIN_SECONDS, "draining")
        for drain in self._drains:
            drain.join(deadline.remaining())
        self._recorder.add(Exited(at=self._recorder.elapsed(), code=code, asked=self._asked))

    def go(self) -> None:
        """Give a command the word to run; its stdin is empty from then on."""
        if self._popen is not None and self._popen.stdin is not None:
            with contextlib.suppress(OSError):
                self._popen.stdin.write(b"go\n")
                self._popen.stdin.close()

    @property
    def running(self) -> bool:
        """Whether it has been spawned and has not exited."""
        return self._popen is not None and self._popen.poll() is None

    def stop(self, timeout: float) -> None:
        """Ask it to end with SIGTERM, and kill the whole group when it has not within `timeout` seconds."""
        try:
            if self.running:
                self._asked = True
                with contextlib.suppress(psutil.Error):  # one that cuts all its ties is still known as a child
                    self._children = psutil.Process(self.pid).children(recursive=True)
                self._recorder.add(StopRequested(at=self._recorder.elapsed(), signal="SIGTERM"))
                with contextlib.suppress(ProcessLookupError):  # it may have ended this moment
                    os.kill(self.pid, signal.SIGTERM)
                if not self._gone(timeout):
                    reason = f"still running {timeout:g} s after SIGTERM"
                    self._recorder.add(Killed(at=self._recorder.elapsed(), reason=reason))
        finally:
            self.kill()

    def _gone(self, timeout: float) -> bool:
        deadline = Deadline.after(timeout, "stopping")
        return self._recorder.wait(lambda: None if self.running else True, deadline) is not None

    def kill(self) -> None:
        """End whatever is left of it, in its group or out of it, and record what had outlived the process."""
        if self._popen is None:
            return
        main_was_running = self.running
        if not main_was_running:
            self._recorder.wait(self._alone, Deadline.after(LAST_STEPS_SECONDS, "the last steps of its children"))
        left = list(self.family())
        for process in left:
            if process.pid != self.pid and not main_was_running:
                self._outlived(process)  # before it is killed: a zombie has no command line
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        gone = Deadline.after(2 * DRAIN_SECONDS, "the end of the process and its family")
        self._recorder.wait(lambda: self._recorder.seen(Exited), gone)
        if any(process.pid != self.pid for process in left):
            self._recorder.wait(self._alone, gone)

    def _alone(self) -> bool | None:
        return None if any(self.family()) else True

    def _outlived(self, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.Error):
            detail = self._recorder.mask(f"pid {process.pid}: {' '.join(process.cmdline())[:120]}")
            self._recorder.add(LeftBehind(at=self._recorder.elapsed(), what="process", detail=detail))

    def family(self) -> Iterator[psutil.Process]:
        """Yield every living process that carries the tag of this boot, wherever it has gone."""
        known = {child.pid for child in self._children if child.is_running()}
        for pid in known | set(tagged({self.tag})):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.status() != psutil.STATUS_ZOMBIE:
                    yield process

    def listens_on(self, port: int) -> int:
        """Return the pid of the process of this boot that listens on `port`; 0 when none of them does."""
        for process in self.family():
            with contextlib.suppress(psutil.Error, OSError):
                for connection in process.net_connections("tcp"):
                    if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                        return process.pid
        return 0


def is_open(host: str, port: int, timeout: float = 0.5) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False


def claim_port(host: str) -> tuple[int, socket.socket]:
    """Return a port of `host` that is free, and the claim on it, to be closed when the boot is over.

    The claim is the UDP port of the same number: it keeps other boots away and leaves TCP to the application. Ports are
    taken from below those which systems hand out by themselves (32768 on Linux, 49152 on macOS), so that no socket
    that merely wants some port gets this one between now and the moment when the application binds it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(ATTEMPTS):
        port = secrets.choice(PORTS)
        claim = socket.socket(family, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError), socket.socket(family) as sock:
            claim.bind((host, port))
            sock.bind((host, port))  # without SO_REUSEADDR: connections of earlier boots may linger there (TIME_WAIT)
            return port, claim
        claim.close()
    fix = "end what occupies them, or say launch.port"
    raise BootError("launch.port", f"no free port of {host} in {ATTEMPTS} attempts", fix)


@contextmanager
def reserved(home: Path, port: int, deadline: Deadline) -> Iterator[None]:
    """Keep a port that the application always takes to ourselves, among the processes which share `home`.

    Raises `BootError` when another one has it until the deadline.
    """
    pause = threading.Event()
    with (home / f"port-{port}").open("w", encoding="ascii") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if deadline.expired:
                    reason = f"another boot of this run has had port {port} for {deadline.seconds:g} s"
                    raise BootError("launch.port", reason, "leave launch.port out to get a free one") from None
            pause.wait(LOOK_SECONDS)
        yield


@contextmanager
def occupied(host: str, port: int) -> Iterator[None]:
    """Keep a port until the end of the block: whoever binds it finds it in use, whoever connects is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as holder:
        try:
            holder.bind((host, port))
        except OSError as error:
            raise BootError("launch.port", f"port {port} cannot be taken: {error}", "end what uses it") from error
        yield
