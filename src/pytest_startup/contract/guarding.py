"""Whether tokens, limits and rules can be tried as a contract says: what no table can know alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_startup.contract import raw
from pytest_startup.contract.conversions import NONCE, texts_of
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.security import ANY

_FRAMES = ("say", "served", "refused")
"""The keys of a limit which are frames: each of them has a nonce of its own."""

_OF_SOCKETS, _OF_REQUESTS = ("refused", "refused_close", "max_seconds"), ("status", "retry_after")

_TEMPLATED = {
    "tokens": ("requests", "scope", "socket"),
    "limits": ("request", "socket", *_FRAMES),
    "cors": ("paths", "headers", "socket"),
    "headers": ("paths", "headers", "socket"),
}
"""Array of tables -> its keys in which templates may stand that the journey left behind."""


def templated(contract: Raw, spot: Spot) -> Iterator[tuple[object, Spot, str | None, tuple[str, ...]]]:
    """Yield every value in which templates may stand, where it is, the journey that is walked before, and its own."""
    for name, keys in _TEMPLATED.items():
        for index, each in raw.items(contract.get(name)):
            found = raw.table(each)
            for key in keys:
                journey = found.get("journey")
                own = (NONCE,) if key in _FRAMES else ()
                yield found.get(key), spot / name / index / key, journey if isinstance(journey, str) else None, own


def check(contract: Raw, spot: Spot, captured: Mapping[str, tuple[str, ...]]) -> None:
    """Note what cannot be tried, or could never hold; `captured` is journey -> the names which it leaves behind."""
    for index, each in raw.items(contract.get("tokens")):
        _check_token(raw.table(each), spot / "tokens" / index, captured)
    for index, each in raw.items(contract.get("limits")):
        _check_limit(raw.table(each), spot / "limits" / index)
    for index, each in raw.items(contract.get("cors")):
        _check_cors(raw.table(each), spot / "cors" / index)
    for index, each in raw.items(contract.get("headers")):
        _check_headers(raw.table(each), spot / "headers" / index)


def _check_token(token: Raw, spot: Spot, captured: Mapping[str, tuple[str, ...]]) -> None:
    for given, other in (("key", "algorithm"), ("algorithm", "key")):
        if given in token and other not in token:
            example = '"HS256"' if other == "algorithm" else '"{secret.NAME}"'
            (spot / other).wrong(f"is missing; {given} alone signs nothing", fix=f"write {other} = {example}")
    if not token.get("requests") and "socket" not in token:
        fix = 'write requests = [{ get = "/me" }]'
        (spot / "requests").wrong("is missing; nothing says where the token is shown", fix=fix)
    name, journey = token.get("token"), token.get("journey")
    if not isinstance(name, str) or journey not in captured:
        return
    if name not in captured[str(journey)]:
        problem = f"is nothing that the journey {journey} captures"
        (spot / "token").wrong(problem, value=name, fix=f'write capture = {{ {name} = "PATH" }} in one of its steps')
    for index, request in raw.items(token.get("requests")):
        _check_shown(request, name, spot / "requests" / index)
    for index, request in raw.items(raw.table(token.get("scope")).get("requests")):
        _check_shown(request, name, spot / "scope" / "requests" / index)
    if "socket" in token:
        _check_shown(token["socket"], name, spot / "socket")


def _check_shown(value: object, name: str, spot: Spot) -> None:
    template = f"{{{name}}}"
    if not any(template in text for text in texts_of(value)):  # type: ignore[arg-type]  # whatever TOML has
        spot.wrong(f"does not show the token: {template} is nowhere", fix=f"write {template} where it is shown")


def _check_limit(limit: Raw, spot: Spot) -> None:
    if limit.get("per") == "user" and "journey" not in limit:
        (spot / "journey").wrong("is missing; without one there is no user", fix='write journey = "NAME"')
    for given, other in (("tier", "of"), ("of", "tier")):
        if given in limit and other not in limit:
            (spot / other).wrong(f"is missing; {given} alone compares nothing", fix=f'write {other} = "NAME"')
    if "request" in limit or "socket" in limit:
        lead, foreign = ("socket", _OF_REQUESTS) if "socket" in limit else ("request", _OF_SOCKETS)
        for name in (each for each in foreign if each in limit):
            (spot / name).wrong(f"says nothing of a limit which has {lead}", fix="remove it")
    if "socket" not in limit:
        return
    if not limit.get("refused") and not limit.get("refused_close"):
        fix = 'write refused = { type = "error" }, or refused_close = [1008]'
        (spot / "refused").wrong("is missing; nothing says how one too many is refused", fix=fix)
    if limit.get("refused") and limit.get("refused") == limit.get("served"):
        (spot / "refused").wrong("is what is served: nobody could tell one from the other", fix="say what differs")


def _check_cors(cors: Raw, spot: Spot) -> None:
    origins = raw.texts(cors.get("origins"))
    if ANY in origins and len(origins) > 1:
        (spot / "origins").wrong("has others beside *, which is any", fix='write origins = ["*"]')
    if ANY in origins and cors.get("credentials") is True:
        problem = "cannot be: no browser takes * together with credentials (Fetch, CORS protocol)"
        (spot / "credentials").wrong(problem, value=True, fix="name the origins, or remove it")
    if ANY in origins and cors.get("foreign"):
        (spot / "foreign").wrong("cannot be: no origin is foreign where any is allowed", fix="remove it")
    for each in raw.texts(cors.get("foreign")):
        if each in origins:
            (spot / "foreign").wrong("is among the allowed origins as well", value=each, fix="remove it from one")


def _check_headers(rules: Raw, spot: Spot) -> None:
    required, absent = raw.table(rules.get("required")), raw.texts(rules.get("absent"))
    if not required and not absent:
        fix = 'write required = { X-Content-Type-Options = "nosniff" }'
        (spot / "required").wrong("is missing; nothing says which headers there are", fix=fix)
    for each in absent:
        if each.lower() in map(str.lower, required):
            (spot / "absent").wrong("is among the required headers as well", value=each, fix="remove it from one")
