"""Nobody is let in with a token that proves nothing, and everybody with a good one (I12; RFC 7519, RFC 8725)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract, Token
from pytest_startup.contract.security import GOOD
from pytest_startup.events.guarded import KEEPING_OUT, NotTried, TokenNotMade, TokenShown
from pytest_startup.events.process import Ready
from pytest_startup.events.used import TOO_MANY, ExerciseBegan
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

KEPT = "kept"
LIMITED = "requests were limited (429) before it could be told: raise the limit in launch.env"
WHY = {
    "missing": "no token",
    "garbage": "a made-up token",
    "altered": "a token that was changed",
    "forged": "a token that somebody else has made",
    "unsigned": "a token that says it is not signed (alg none)",
    "expired": "a token that has expired",
    "wrong-audience": "a token for somebody else (aud)",
}
LOOK_AT = {
    "forged": "whether the signature is verified at all, and by the right key",
    "altered": "whether the signature is verified at all",
    "unsigned": "the list of algorithms that are accepted: none is not one (RFC 8725, 3.1)",
    "expired": "whether exp is verified, and demanded",
    "wrong-audience": "whether aud is verified (RFC 7519, 4.1.3)",
}


def of_requests(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what requests were answered with a token in one variant; `subject` is `token:variant`."""
    return _judge(trace, contract, subject, "request")


def of_sockets(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what became of sockets with a token in one variant; `subject` is `token:variant`."""
    return _judge(trace, contract, subject, "socket")


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
    taken = {each.what for each in trace.all(TokenShown, token=name, variant=GOOD, way=way) if _is_in(each, token)}
    proven = [each for each in shown if each.what in taken]
    if not proven:
        return NotCovered("the good token was not taken either, so that a refusal proves nothing")
    return [_let_in(each, token) for each in proven if not _is_refused(each, token)]


def _unshown(trace: Trace, name: str, variant: str) -> str:
    """Return why a token was not shown."""
    if trace.first(Ready) is None:
        return "the boot never became ready"
    unmade = trace.first(TokenNotMade, token=name, variant=variant)
    if unmade is not None:
        return unmade.reason
    untried = trace.first(NotTried, sort="token", name=name)
    if untried is not None:
        return untried.reason
    begun = trace.first(ExerciseBegan, name=KEEPING_OUT) is not None
    return "there was no time left for it" if begun else "no token was shown in this boot"


def _is_in(event: TokenShown, token: Token) -> bool:
    if event.way == "socket":
        return event.answer == KEPT
    wanted = next((each.status for each in token.requests if str(each.request) == event.what), ())
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
