"""Nobody is let in with a token that proves nothing, and everybody with a good one (I12; RFC 7519, RFC 8725)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pytest_startup.contract.model import Contract, Token
from pytest_startup.contract.security import GOOD, LOOKALIKE, SIGNED_AGAIN, UNDERSCOPED
from pytest_startup.events.guarded import KEEPING_OUT, FirstUsed, TokenNotMade, TokenShown
from pytest_startup.events.used import TOO_MANY
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

KEPT = "kept"
LIMITED = "requests were limited (429) before it could be told: raise the limit in launch.env"
TAKEN = {GOOD: "the good token", SIGNED_AGAIN: "one that says the same as the good token, and was signed again,"}
WHY = {
    "missing": "no token",
    "garbage": "a made-up token",
    "altered": "a token that was changed",
    "forged": "a token that somebody else has made",
    "unsigned": "a token that says it is not signed (alg none)",
    "expired": "a token that has expired",
    "wrong-audience": "a token for somebody else (aud)",
    UNDERSCOPED: "a token which does not allow it",
    LOOKALIKE: "a token with a scope that only has the right one's name within",
}
LOOK_AT = {
    "forged": "whether the signature is verified at all, and by the right key",
    "altered": "whether the signature is verified at all",
    "unsigned": "the list of algorithms that are accepted: none is not one (RFC 8725, 3.1)",
    "expired": "whether exp is verified, and demanded",
    "wrong-audience": "whether aud is verified (RFC 7519, 4.1.3)",
    UNDERSCOPED: "whether what the token allows is looked at there, and not only whose it is",
    LOOKALIKE: "how scopes are compared: whole, one by one (RFC 6749, 3.3), and not as a part of a text",
}


def of_requests(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what requests were answered with a token in one variant; `subject` is `token:variant`."""
    return _judge(trace, contract, subject, "request")


def of_sockets(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what became of sockets with a token in one variant; `subject` is `token:variant`."""
    return _judge(trace, contract, subject, "socket")


def first_use(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the first use of the token `subject` needed nothing of the service that it must not need."""
    used = trace.first(FirstUsed, token=subject)
    if used is None:
        return NotCovered(_unused(trace, subject))
    token = contract.token(subject)
    shown = TokenShown(at=used.at, token=subject, variant=GOOD, way=_way(token), what=used.what, answer=used.silent)
    if _is_in(shown, token):
        return []
    if not _is_in(replace(shown, answer=used.answering), token):
        return NotCovered(f"the token was not taken while {used.service} answered either: {used.answering}")
    asked = "asked it" if used.opened else "had no new connection to it"
    return [
        Finding(
            subject=subject,
            expected=f"the first use of a good token, {used.what}, needs nothing of {used.service}",
            observed=f"{used.silent} while {used.service} was silent, {used.answering} once it answered",
            at=used.at,
            look_at=f"what of {used.service} tokens are checked with, and when it is fetched; the application {asked}",
            on_purpose=f"remove tokens.{subject}.warm",
        )
    ]


def _way(token: Token) -> Literal["request", "socket"]:
    return "request" if token.requests else "socket"


def _unused(trace: Trace, name: str) -> str:
    """Return why a token was not used while a service was silent."""
    return trace.why_untried(KEEPING_OUT, "no token was used for the first time in this boot", sort="warm", name=name)


def _judge(trace: Trace, contract: Contract, subject: str, way: str) -> Verdict:
    name, _, variant = subject.partition(":")
    answered = trace.all(TokenShown, token=name, variant=variant, way=way)
    if not answered:
        return NotCovered(_unshown(trace, name, variant))
    shown = [each for each in answered if each.answer.rpartition(" ")[2] != TOO_MANY]
    if not shown:
        return NotCovered(LIMITED)
    token = contract.token(name)
    if variant == GOOD:
        return [_shut_out(each, token) for each in shown if not _is_in(each, token)]
    if variant == "missing" and way == "socket" and token.socket is not None and token.socket.first:
        return NotCovered("the token comes in the first frame, which a socket may wait for")
    for proof in (GOOD, *([SIGNED_AGAIN] if variant in (UNDERSCOPED, LOOKALIKE) else [])):
        taken = {each.what for each in trace.all(TokenShown, token=name, variant=proof, way=way) if _is_in(each, token)}
        shown = [each for each in shown if each.what in taken]
        if not shown:
            return NotCovered(f"{TAKEN[proof]} was not taken either, so that a refusal proves nothing")
    return [_let_in(each, token) for each in shown if not _is_refused(each, token)]


def _unshown(trace: Trace, name: str, variant: str) -> str:
    """Return why a token was not shown."""
    unmade = trace.first(TokenNotMade, token=name, variant=variant)
    if unmade is not None:
        return unmade.reason
    return trace.why_untried(KEEPING_OUT, "no token was shown in this boot", sort="token", name=name)


def _is_in(event: TokenShown, token: Token) -> bool:
    if event.way == "socket":
        return event.answer == KEPT
    requests = (*token.requests, *token.scoped)
    wanted = next((each.status for each in requests if str(each.request) == event.what), ())
    return int(event.answer) in wanted if wanted and event.answer.isdigit() else event.answer.startswith("2")


def _is_refused(event: TokenShown, token: Token) -> bool:
    how, _, code = event.answer.partition(" ")
    if event.way == "request":
        return event.answer in map(str, token.refused_status)
    if how == "denied":
        return code.startswith("connect_error") or code in map(str, (*token.refused_status, *token.refused_close))
    return how == "closed" and code in ("disconnect", *map(str, token.refused_close))


def _shut_out(event: TokenShown, token: Token) -> Finding:
    return Finding(
        subject=token.name,
        expected=f"{event.what} takes a good token",
        observed=event.answer,
        at=event.at,
        look_at=f"the log of the application at {event.at:.2f} s, and what the journey {token.journey} gives",
        on_purpose=f"tokens.{token.name} says where it is shown",
    )


def _let_in(event: TokenShown, token: Token) -> Finding:
    close = " or ".join(map(str, token.refused_status))
    if event.way == "socket":
        close = f"{close} at the upgrade, or a close code of {', '.join(map(str, token.refused_close))}"
    let_in = _is_in(event, token)
    return Finding(
        subject=f"{token.name}, {event.variant}",
        expected=f"{event.what} refuses {WHY[event.variant]}: {close}",
        observed=f"{event.answer}: it was let in" if let_in else event.answer,
        at=event.at,
        look_at=LOOK_AT.get(event.variant, f"what tells who asks for {event.what}"),
        on_purpose="" if let_in else f"tokens.{token.name}.refused_status and refused_close say what is right",
    )
