"""Probes from outside: what a load balancer would be told, many times a second, from the first moment on.

Refused, reset, timeout and every status are different answers. The names liveness and readiness are those of the
Kubernetes probes; an HTTP probe there follows the same rule: an exact path, one request, a limit of time.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.startup_agent.words import select_fields
from pytest_startup.clock import Deadline
from pytest_startup.trace import Probed, Role

LARGEST_BODY = 1 << 20
INTERVAL = 0.025
"""Seconds between two rounds of probes."""


@dataclass(frozen=True, slots=True)
class Question:
    """One endpoint to ask: its role, path, limit in seconds, and the fields of the body that count."""

    role: Role
    path: str
    limit: float
    fields: tuple[str, ...] = ()


def ask(host: str, port: int, question: Question) -> tuple[str, dict[str, Any]]:
    """Ask once; return the answer (a status, or what kind of silence it was) and the fields of the body."""
    connection = http.client.HTTPConnection(host, port, timeout=question.limit)
    deadline = Deadline.after(question.limit, question.path)
    try:
        connection.request("GET", question.path, headers={"User-Agent": "startup-probe", "Connection": "close"})
        response = connection.getresponse()
        body = _read(response, connection, deadline)
    except TimeoutError:
        return "timeout", {}
    except ConnectionRefusedError:
        return "refused", {}
    except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
        return "reset", {}
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"error: {type(error).__name__}: {error}", {}
    finally:
        connection.close()
    fields: dict[str, Any] = select_fields(body, question.fields)  # type: ignore[no-untyped-call]  # 3.9, untyped
    return str(response.status), fields


def _read(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, deadline: Deadline) -> bytes:
    """Read the body within what is left of the deadline, however slowly it drips."""
    body = b""
    while len(body) < LARGEST_BODY and (part := response.read1(65536)):
        body += part
        if deadline.expired:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(max(0.001, deadline.remaining()))
    return body


class Prober:
    """Asks all questions over and over in a thread; records an answer whenever it is another than before."""

    def __init__(self, recorder: Recorder, host: str, port: int, questions: Sequence[Question]) -> None:
        """Take where to ask and what."""
        self._recorder, self._host, self._port = recorder, host, port
        self._questions = questions
        self._last: dict[str, str] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="startup-prober", daemon=True)

    @contextmanager
    def asking(self) -> Iterator[Prober]:
        """Ask until the end of the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self.rest()

    def rest(self) -> None:
        """Stop asking; answers that are still under way are not waited for."""
        self._end.set()

    def answers(self) -> dict[str, str]:
        """Return the last answer of each role."""
        return dict(self._last)

    def once(self, question: Question) -> str:
        """Ask one question and record the answer, whatever it is."""
        began = self._recorder.elapsed()
        answer, fields = ask(self._host, self._port, question)
        self._record(question, began, answer, fields)
        return answer

    def _record(self, question: Question, began: float, answer: str, fields: dict[str, Any]) -> None:
        self._recorder.add(
            Probed(
                at=self._recorder.elapsed(),
                vantage="outside",
                role=question.role,
                path=question.path,
                answer=answer,
                began=began,
                fields=fields,
            )
        )

    def _run(self) -> None:
        while not self._end.wait(INTERVAL):
            for question in self._questions:
                self._watch(question)

    def _watch(self, question: Question) -> None:
        began = self._recorder.elapsed()
        answer, fields = ask(self._host, self._port, question)
        if self._last.get(question.role) != answer and not self._end.is_set():
            self._last[question.role] = answer
            self._record(question, began, answer, fields)
