"""Other origins get in exactly where they are allowed to: the CORS protocol (Fetch), and sockets (I13, C13)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract, Cors
from pytest_startup.events.guarded import KEEPING_OUT, OriginTried
from pytest_startup.events.used import TOO_MANY
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

SAFELISTED = ("GET", "HEAD", "POST")
"""Methods which a preflight need not name (Fetch, CORS-safelisted method)."""

REFUSED = ("denied", "closed")
BROKEN = 500
"""Whoever is told this is told nothing of origins."""

ALLOW = "access-control-allow-"


def lets_in(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that pages of the allowed origins may do all that the rules `subject` say."""
    cors, tried = contract.rules(subject), _tried(trace, subject, allowed=True)
    if not tried:
        return NotCovered(_untried(trace, subject, "no origin is allowed"))
    judged = [each for each in tried if _tells(each, cors)]
    if not judged:
        return NotCovered(_untold(tried))
    found: list[Finding] = []
    for each in judged:
        if each.what == "GET":
            found += _answer(each, cors, tried_by_others=_tried(trace, subject, allowed=False))
        else:
            found += _preflight(each, cors)
    return found


def keeps_out(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that no page of another origin may read an answer, nor send what needs leave, by the rules `subject`."""
    cors = contract.rules(subject)
    tried = _tried(trace, subject, allowed=cors.open)
    if not tried:
        return NotCovered(_untried(trace, subject, "no origin is foreign"))
    found = [finding for each in tried for finding in (_with_credentials if cors.open else _leave)(each, cors)]
    return found if found or any(map(_answered, tried)) else NotCovered(f"it was not answered: {_answers(tried)}")


def of_sockets(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that pages of allowed origins have the socket of the rules `subject`, and those of others do not."""
    cors = contract.rules(subject)
    if cors.socket is None:
        return NotCovered(f"cors.{subject}.socket is not declared")
    tried = trace.all(OriginTried, cors=subject, what="socket")
    if not tried:
        return NotCovered(_untried(trace, subject, "no origin is named"))
    if not any(each.allowed and each.answer == "kept" for each in tried) and any(each.allowed for each in tried):
        return [_socket(each, cors) for each in tried if each.allowed]
    return [_socket(each, cors) for each in tried if not _right(each)]


def _tried(trace: Trace, name: str, *, allowed: bool) -> list[OriginTried]:
    tried = trace.all(OriginTried, cors=name, allowed=allowed)
    return [each for each in tried if each.what != "socket" and each.answer != TOO_MANY]


def _untried(trace: Trace, name: str, none: str) -> str:
    if trace.first(OriginTried, cors=name) is not None:
        return f"by cors.{name} {none}"
    return trace.why_untried(KEEPING_OUT, "no origin was tried in this boot", sort="cors", name=name)


def _answered(event: OriginTried) -> bool:
    """Whether the application has answered: neither silence nor its crash is a decision about an origin."""
    return event.answer.isdigit() and int(event.answer) < BROKEN


def _answers(tried: list[OriginTried]) -> str:
    return ", ".join(sorted({each.answer for each in tried}))


def _untold(tried: list[OriginTried]) -> str:
    """Return why nothing of what was tried tells whether a page gets in."""
    asked = [each for each in tried if each.what == "GET"]
    if asked:
        return f"no GET of an allowed origin was answered by a status from 200 to 299: {_answers(asked)}"
    return f"browsers send {', '.join(SAFELISTED)} without a preflight, and no GET was tried"


# -- allowed


def _tells(event: OriginTried, cors: Cors) -> bool:
    """Whether a GET was answered well, or a browser makes this preflight at all.

    It makes none for a safelisted method without other headers (Fetch, CORS-preflight fetch).
    """
    if event.what == "GET":
        return event.answer.startswith("2")
    return event.what.removeprefix("preflight ") not in SAFELISTED or bool(cors.allow_headers)


def _preflight(event: OriginTried, cors: Cors) -> list[Finding]:
    """Find that a browser would not send what the preflight asked for."""
    method = event.what.removeprefix("preflight ")
    if not event.answer.startswith("2"):
        return [_finding(event, cors, "is answered by a status from 200 to 299", event.answer)]
    wanted = [*_origin(event, cors)]
    methods = _listed(event, "methods")
    if method not in (*methods, *SAFELISTED) and not ("*" in methods and not cors.credentials):
        wanted.append(_finding(event, cors, f"allows {method}", f"allows {', '.join(methods) or 'no method'}"))
    named = {each.lower() for each in _listed(event, "headers")}
    missing = [each for each in cors.allow_headers if each.lower() not in named and not _covered(each, named, cors)]
    if missing:
        told = ", ".join(sorted(named)) or "none"
        wanted.append(_finding(event, cors, f"allows the header {', '.join(missing)}", f"allows {told}"))
    return wanted


def _listed(event: OriginTried, what: str) -> list[str]:
    """Return the members of the list that Access-Control-Allow-... is."""
    return [each.strip() for each in event.headers.get(f"{ALLOW}{what}", "").split(",") if each.strip()]


def _covered(header: str, named: set[str], cors: Cors) -> bool:
    """Whether * covers a header: never Authorization, and nothing at all with credentials (Fetch)."""
    return "*" in named and not cors.credentials and header.lower() != "authorization"


def _answer(event: OriginTried, cors: Cors, tried_by_others: list[OriginTried]) -> list[Finding]:
    """Find that a browser would not show a good answer to the page, or might show it that of another one."""
    found = _origin(event, cors)
    told = event.headers.get(f"{ALLOW}origin", "")
    others = [each for each in tried_by_others if (each.what, each.path) == ("GET", event.path) and _answered(each)]
    differs = any(each.headers.get(f"{ALLOW}origin", "") != told for each in others)
    vary = {each.strip().lower() for each in event.headers.get("vary", "").split(",")}
    if told == event.origin and differs and _cached(event) and not vary & {"origin", "*"}:
        expected = "says Vary: Origin, since the answer differs by origin and may be kept by a cache"
        found.append(_finding(event, cors, expected, f"Vary: {event.headers.get('vary', 'none')}"))
    return found


def _cached(event: OriginTried) -> bool:
    return not {"no-store", "private"} & {each.strip() for each in event.headers.get("cache-control", "").split(",")}


def _origin(event: OriginTried, cors: Cors) -> list[Finding]:
    told = event.headers.get(f"{ALLOW}origin", "")
    good = {event.origin} if cors.credentials else {event.origin, "*"}
    if told not in good:
        return [_finding(event, cors, f"allows {event.origin}", f"allows {told or 'no origin'}")]
    if cors.credentials and event.headers.get(f"{ALLOW}credentials") != "true":
        return [_finding(event, cors, "allows credentials", "no Access-Control-Allow-Credentials: true")]
    return []


# -- foreign


def _leave(event: OriginTried, cors: Cors) -> list[Finding]:
    told = event.headers.get(f"{ALLOW}origin", "")
    if told not in {event.origin, "*"}:
        return []
    credentials = ", with credentials" if event.headers.get(f"{ALLOW}credentials") == "true" else ""
    return [_finding(event, cors, "allows neither it nor *", f"allows {told}{credentials}")]


def _with_credentials(event: OriginTried, cors: Cors) -> list[Finding]:
    """Find that any origin at all may use somebody's cookies."""
    told, with_them = event.headers.get(f"{ALLOW}origin", ""), event.headers.get(f"{ALLOW}credentials") == "true"
    if told != event.origin or not with_them:
        return []
    return [_finding(event, cors, "allows no credentials, as it allows any origin", f"allows {told}, with credentials")]


# -- sockets


def _right(event: OriginTried) -> bool:
    if event.allowed:
        return event.answer == "kept"
    how, _, code = event.answer.partition(" ")
    return how in REFUSED and code not in {"1006", "1011", "500"}


def _socket(event: OriginTried, cors: Cors) -> Finding:
    return _finding(event, cors, "is kept" if event.allowed else "is refused: denied, or closed at once", event.answer)


def _finding(event: OriginTried, cors: Cors, expected: str, observed: str) -> Finding:
    return Finding(
        subject=f"{cors.name}, {event.path}",
        expected=f"{event.what} from {event.origin} {expected}",
        observed=observed,
        at=event.at,
        look_at="the origins that are really configured" if event.what != "socket" else "what looks at Origin there",
        on_purpose=f"cors.{cors.name} says what is right",
    )
