"""Using a good token for the first time while a service is silent: whoever has fetched what that takes needs it not.

Bytes alone would not tell: who has the keys may renew them in the background at the first use, and who has none fetches
them once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pytest_startup.boot import asking
from pytest_startup.boot.conduct import Conduct, Stalled
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.showing import KEPT_SECONDS, proof, watched
from pytest_startup.boot.taps import Tap
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.model import Contract, Token
from pytest_startup.contract.security import Captured
from pytest_startup.events.edge import ServiceSwitched
from pytest_startup.events.guarded import TOKENS_WALKER, FirstUsed, NotTried

BACK_SECONDS = 6.0
"""How long a token that was not taken is shown again once the service answers: who has waited may wait again."""

PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Warming:
    """Uses the tokens of one boot for the first time, and records what is answered; `taps` are by services."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means
    taps: Mapping[str, Tap]

    def all(self, deadline: Deadline) -> None:
        """Use each token once that needs nothing of some service; nobody may have used one before."""
        for token in self.contract.tokens:
            if token.warm is not None:
                reason = self._first(token, token.warm, deadline)
                if reason:
                    at = self.recorder.elapsed()
                    self.recorder.add(NotTried(at=at, sort="warm", name=token.name, reason=reason))

    def _first(self, token: Token, service: str, deadline: Deadline) -> str:
        """Use a token for the first time; return why that was not possible, if it was not."""
        tap = self.taps.get(service)
        if tap is None:
            return f"there is nothing between it and {service} that could be silent"
        walker = Walker(self.recorder, self.values, TOKENS_WALKER, self.means)
        walk = walker.walk(token.journey, self._steps(token), deadline)
        good = proof(token, walk) if walk is not None else None
        if walk is None or good is None:
            return f"the journey {token.journey} brought no token"
        self.recorder.keep_secret([good])
        opened = tap.connections
        self._switched(service, "stalls")
        tap.switch(Stalled())
        try:
            silent = self._answer(token, walk, deadline)
            opened = tap.connections - opened
        finally:
            self._switched(service, "up")
            tap.switch(Conduct())
            tap.end_lost()
        if deadline.expired:
            return "there was no time left for it"
        what = str(token.requests[0].request) if token.requests else token.socket.path if token.socket else ""
        event = FirstUsed(
            at=self.recorder.elapsed(),
            token=token.name,
            service=service,
            what=what,
            silent=self.recorder.mask(silent),
            answering=self.recorder.mask(self._answering(token, walk, deadline, silent)),
            opened=opened,
        )
        self.recorder.add(replace(event, at=self.recorder.elapsed()))
        return ""

    def _steps(self, token: Token) -> tuple[Step, ...]:
        """Return the journey up to the step that brings the token: what comes later may use it."""
        steps = self.contract.journey(token.journey).steps
        if not isinstance(token.source, Captured):
            return steps
        brings = next(at for at, step in enumerate(steps) if token.source.name in step.capture)
        return steps[: brings + 1]

    def _answering(self, token: Token, walk: Walk, deadline: Deadline, first: str) -> str:
        """Show the token until it is taken, or for some time; what was answered at last."""
        patience = deadline.within(BACK_SECONDS)
        answer = first if taken(first, token) else self._answer(token, walk, deadline)
        while not taken(answer, token) and not patience.expired:
            self.recorder.wait(lambda: None, Deadline.after(PAUSE_SECONDS, "another try"))
            answer = self._answer(token, walk, deadline)
        return answer

    def _answer(self, token: Token, walk: Walk, deadline: Deadline) -> str:
        """Show the token once."""
        if token.requests:
            plain = asking.request(token.requests[0], walk.values)
            request = replace(plain, headers={**walk.cookies(plain.url), **plain.headers})
            self.recorder.keep_secret(asking.secrets_of(request))
            return send(request, deadline).said
        assert token.socket is not None  # noqa: S101 - the reader wants one of them
        plain_socket = asking.upgrade(token.socket, walk.values)
        opening = replace(plain_socket, headers={**walk.cookies(plain_socket.url), **plain_socket.headers})
        self.recorder.keep_secret(asking.secrets_of(opening))
        return watched(opening, KEPT_SECONDS)

    def _switched(self, service: str, to: str) -> None:
        self.recorder.add(ServiceSwitched(at=self.recorder.elapsed(), service=service, to=to))


def taken(answer: str, token: Token) -> bool:
    """Whether the answer to the first use of a token is that of somebody who is let in."""
    if not token.requests:
        return answer == "kept"
    wanted = token.requests[0].status
    return answer in map(str, wanted) if wanted else answer.startswith("2")
