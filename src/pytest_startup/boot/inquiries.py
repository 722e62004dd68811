"""A question which is asked by a request, while its events come over a socket: the answer may come after them."""

from __future__ import annotations

import threading

from pytest_startup.boot.outgoing import Answer, Outgoing, Question
from pytest_startup.boot.requests import send, target_of
from pytest_startup.clock import Deadline

GOOD = range(200, 300)


class Inquiry:
    """The request of one question, in a thread of its own; a question without one is never refused."""

    def __init__(self, question: Question, deadline: Deadline) -> None:
        """Begin to send it."""
        self.question = question
        self._answer: Answer | None = None
        self.pending = question.request is not None
        if question.request is not None:
            threading.Thread(target=self._send, args=(question.request, deadline), daemon=True).start()

    @property
    def refused(self) -> tuple[str, str] | None:
        """What was expected of the answer, and what came instead; None while it is good, or not there yet."""
        return None if self._answer is None else refusal(self.question, self._answer)

    def _send(self, request: Outgoing, deadline: Deadline) -> None:
        self._answer = send(request, deadline)
        self.pending = False


def refusal(question: Question, answer: Answer) -> tuple[str, str] | None:
    """Return what was expected of the answer to a question, and what came instead; None for a good one."""
    request = question.request
    if request is None or answer.status in (question.status or GOOD):
        return None
    wanted = " or ".join(map(str, question.status)) or "200 to 299"
    return f"{request.method} {target_of(request.url)} answered by {wanted}", f"the answer was {answer.said}"
