"""Probes from outside: what a load balancer would be told, many times a second, from the first moment on.

Refused, reset, timeout and every status are different answers. The names liveness and readiness are those of the
Kubernetes probes; an HTTP probe there follows the same rule: an exact path, one request, a limit of time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytest_startup.boot.outgoing import Outgoing
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.startup_agent.words import select_fields
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.health import ReadinessProbe
from pytest_startup.events.base import Role
from pytest_startup.events.edge import Probed
from pytest_startup.events.process import Ready

AGENT = "startup-probe"
INTERVAL = 0.025
"""Seconds between two rounds of probes, in the beginning."""

LONGEST_INTERVAL = 0.25
GROWTH = 0.02
"""The interval grows to this part of the time for which has been asked: who waits long needs no milliseconds."""


def pause(since: float, *, patient: bool = False) -> float:
    """Return the seconds until the next round of questions, which have been asked `since` then (on the clock).

    Who is `patient` asks slowly from the beginning.
    """
    return LONGEST_INTERVAL if patient else min(LONGEST_INTERVAL, max(INTERVAL, GROWTH * (now() - since)))


@dataclass(frozen=True, slots=True)
class Question:
    """One endpoint to ask: its role, path, limit in seconds, and the fields of the body that count."""

    role: Role
    path: str
    limit: float
    fields: tuple[str, ...] = ()


def ask(base: str, question: Question) -> tuple[str, dict[str, Any]]:
    """Ask once, below the URL `base`; return the answer (a status, or what kind of silence) and the body's fields."""
    request = Outgoing("GET", f"{base}{question.path}", {"User-Agent": AGENT}, None, question.limit)
    answer = send(request, Deadline.after(question.limit, question.path))
    fields: dict[str, Any] = select_fields(answer.body, question.fields)  # type: ignore[no-untyped-call]  # 3.9, untyped
    return answer.said, fields


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: the status or kind of silence, the fields of its body that count, and whether it lets traffic in.

    `began` is when it was asked for, in seconds since the spawn.
    """

    answer: str
    fields: Mapping[str, Any]
    began: float
    ready: bool


class Prober:
    """Asks each question over and over in a thread of its own; records an answer whenever it is another than before.

    A question that takes long holds up no other. One of the role `request` is asked only while readiness answers that
    it is not, until the application is ready: before that nobody listens, and afterwards it is an ordinary request.
    """

    def __init__(
        self,
        recorder: Recorder,
        base: str,
        questions: Sequence[Question],
        readiness: ReadinessProbe | None,
        *,
        patient: bool = False,
    ) -> None:
        """Take the URL below which to ask, what, and how an answer of readiness is to be read.

        Who is `patient` asks a few times a second only: what readiness asks in its turn is then no storm of ours.
        """
        self._patient = patient
        self._recorder, self._base = recorder, base
        self._questions, self._readiness = questions, readiness
        self._last: dict[str, Said] = {}
        self._end = threading.Event()

    @contextmanager
    def asking(self) -> Iterator[Prober]:
        """Ask until the end of the block, or until `rest`; may be entered again."""
        self._end = end = threading.Event()
        for question in self._questions:
            arguments = (question, end)
            threading.Thread(target=self._run, args=arguments, name="startup-prober", daemon=True).start()
        try:
            yield self
        finally:
            end.set()

    def rest(self) -> None:
        """Stop asking; answers that are still under way are not waited for."""
        self._end.set()

    def said(self, role: Role, since: float = 0.0) -> Said | None:
        """Return the last answer of a role to a question asked at `since` or later; None when there is none."""
        last = self._last.get(role)
        return last if last is not None and last.began >= since else None

    def once(self, question: Question) -> str:
        """Ask one question and record the answer, whatever it is."""
        began = self._recorder.elapsed()
        answer, fields = ask(self._base, question)
        self._last[question.role] = self._read(answer, fields, began)
        self._record(question, began, answer, fields)
        return answer

    def _read(self, answer: str, fields: dict[str, Any], began: float) -> Said:
        ready = self._readiness is not None and self._readiness.says_ready(answer, fields)
        return Said(answer, fields, began, ready)

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

    def _run(self, question: Question, end: threading.Event) -> None:
        began = now()
        while not end.wait(pause(began, patient=self._patient)):
            if (question.role != "request" or self._refuses_traffic()) and not self._told(question):
                self._watch(question, end)

    def _told(self, question: Question) -> bool:
        """Whether another question tells enough: as long as nobody listens, the first one is refused for all."""
        first = self._questions[0]
        answers = [self._last.get(each.role) for each in (first, question)]
        return question is not first and all(said is not None and said.answer == "refused" for said in answers)

    def _refuses_traffic(self) -> bool:
        """Whether readiness was heard, did not say ready, and never has."""
        said = self.said("readiness")
        unready = said is not None and said.answer != "refused" and not said.ready
        return unready and self._recorder.seen(Ready) is None

    def _watch(self, question: Question, end: threading.Event) -> None:
        began = self._recorder.elapsed()
        answer, fields = ask(self._base, question)
        if end.is_set():
            return
        before, self._last[question.role] = self._last.get(question.role), self._read(answer, fields, began)
        if before is None or (before.answer, before.fields) != (answer, fields):
            self._record(question, began, answer, fields)
