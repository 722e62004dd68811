"""Showing tokens: the good one, none, and what nobody may take for one, each with every request and the socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from pytest_startup.boot import asking
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send, silence
from pytest_startup.boot.sockets import connect
from pytest_startup.boot.tokens import Made, variants
from pytest_startup.boot.walk import Values, Walk, said
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, Token
from pytest_startup.contract.security import GOOD, LOOKALIKE, SIGNED_AGAIN, UNDERSCOPED, Asked, Captured
from pytest_startup.events.guarded import TOKENS_WALKER, NotTried, TokenNotMade, TokenShown

OPEN_SECONDS = 5.0
"""What a handshake may take."""

KEPT_SECONDS = 0.5
"""How long a socket that is to be kept is watched for being closed again."""

CLOSED_SECONDS = 2.0
"""How long one that is to be refused is waited for, where it was accepted first."""

AT_ONCE = 4

OF_SCOPE = (SIGNED_AGAIN, UNDERSCOPED, LOOKALIKE)
"""The variants which are shown only where the scope is needed."""


def needing(token: Token, variant: str) -> tuple[Sequence[Asked], bool]:
    """Return the requests that a token is shown with in a variant, and whether it is shown to the socket."""
    if variant in OF_SCOPE:
        return token.scoped, token.socket_scoped
    further = [each for each in token.scoped if each not in token.requests and variant == GOOD]
    return (*token.requests, *further), token.socket is not None


def watched(opening: Upgrade, seconds: float) -> str:
    """Open a socket, and return what became of it within some seconds, as `Offered` has it."""
    accepted = False
    limit = Deadline.after(OPEN_SECONDS, "a handshake")
    try:
        with connect(opening, limit) as opened:
            accepted, watch = True, Deadline.after(seconds, "a socket")
            while True:  # whatever it says
                opened.receive(watch)
    except Exception as error:  # noqa: BLE001 (whatever comes instead of a handshake)
        return "kept" if accepted and isinstance(error, TimeoutError) else silence(error)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody with one variant of a token: what templates are for them, and their cookies."""

    made: Made
    values: Values
    without: str
    cookies: Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Showing:
    """Shows the tokens of one boot, and records what is answered."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means

    def all(self, deadline: Deadline) -> None:
        """Show every sort of token in every variant."""
        for token in self.contract.tokens:
            walker = Walker(self.recorder, self.values, TOKENS_WALKER, self.means)
            walk = walker.walk(token.journey, self.contract.journey(token.journey).steps, deadline)
            if walk is None:
                self._note(token, f"the journey {token.journey} failed")
            else:
                self._show(token, walk, deadline)

    def _note(self, token: Token, reason: str) -> None:
        self.recorder.add(NotTried(at=self.recorder.elapsed(), sort="token", name=token.name, reason=reason))

    def _show(self, token: Token, walk: Walk, deadline: Deadline) -> None:
        good = proof(token, walk)
        if good is None:
            self._note(token, f"the journey {token.journey} left no cookie {token.source.name} behind")
            return
        # The time of day, which is what `exp` is: nothing is measured by it.
        key = self.values.text(token.secret)
        made = variants(good, algorithm=token.algorithm, key=key, now=time.time(), scope=token.scope)
        self.recorder.keep_secret([each.text for each in made if each.text])
        for each in made:
            if each.why:
                event = TokenNotMade(
                    at=self.recorder.elapsed(), token=token.name, variant=each.variant, reason=each.why
                )
                self.recorder.add(event)
        bearers = [_bearer(token, each, walk) for each in made if not each.why]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="startup-tokens") as pool:
            for done in [pool.submit(self._use, token, bearer, deadline) for bearer in bearers]:
                done.result()

    def _use(self, token: Token, bearer: Bearer, deadline: Deadline) -> None:
        known: Any = {"at": 0.0, "token": token.name, "variant": bearer.made.variant}
        requests, opens = needing(token, bearer.made.variant)
        for asked in requests:
            request = asking.request(asked, bearer.values, bearer.without)
            request = replace(request, headers={**bearer.cookies(request.url), **request.headers})
            if not deadline.expired:
                self.recorder.keep_secret(asking.secrets_of(request))
                answer = send(request, deadline).said
                self._record(TokenShown(**known, way="request", what=str(asked.request), answer=answer), deadline)
        if token.socket is not None and opens and not deadline.expired:
            opening = asking.upgrade(token.socket, bearer.values, bearer.without)
            opening = replace(opening, headers={**bearer.cookies(opening.url), **opening.headers})
            self.recorder.keep_secret(asking.secrets_of(opening))
            answer = watched(opening, KEPT_SECONDS if bearer.made.variant == GOOD else CLOSED_SECONDS)
            self._record(TokenShown(**known, way="socket", what=token.socket.path, answer=answer), deadline)

    def _record(self, event: TokenShown, deadline: Deadline) -> None:
        if not deadline.expired:  # what is wrong by then is our own doing
            at, answer = self.recorder.elapsed(), self.recorder.mask(event.answer)
            self.recorder.add(replace(event, at=at, answer=answer))


def proof(token: Token, walk: Walk) -> str | None:
    """Return the good token that a journey has left behind."""
    if isinstance(token.source, Captured):
        return said(walk.values.captured[token.source.name])
    return walk.cookie(token.source.name)


def _bearer(token: Token, made: Made, walk: Walk) -> Bearer:
    name = token.source.name
    if isinstance(token.source, Captured):
        values = walk.values if made.text is None else walk.values.within(**{name: made.text})
        return Bearer(made, values, name if made.text is None else "", lambda _: {})
    return Bearer(made, walk.values, "", lambda url: walk.cookies(url, {name: made.text}))
