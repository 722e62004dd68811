"""What is tried with an application that is up: readable id and subject of each test, as a contract declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from pytest_startup.contract.failing import WAYS
from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.malformed import ENDS, KINDS
from pytest_startup.contract.model import Contract
from pytest_startup.contract.payloads import payloads as made_of
from pytest_startup.contract.security import LOOKALIKE, UNDERSCOPED, VARIANTS, Instead, Token
from pytest_startup.contract.websocket import WebSocket, named

Named = Iterator[tuple[str, str]]


def tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which requests are made with."""
    for token in contract.tokens:
        yield from _each([token.name], (*(VARIANTS if token.requests else ()), *_scoped(token, needed=token.scoped)))


def socket_tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which a socket is opened with."""
    for token in contract.tokens:
        if token.socket is not None:
            yield from _each([token.name], (*VARIANTS, *_scoped(token, needed=token.socket_scoped)))


def _scoped(token: Token, *, needed: object) -> tuple[str, ...]:
    """Return the variants of a token that say too little, where something needs what they do not say."""
    if token.scope is None or not needed:
        return ()
    return (UNDERSCOPED,) if isinstance(token.scope.change, Instead) else (UNDERSCOPED, LOOKALIKE)


def warm_tokens(contract: Contract) -> Named:
    """Yield the tokens whose first use needs nothing of some service."""
    return ((token.name, token.name) for token in contract.tokens if token.warm is not None)


def limits(contract: Contract) -> Named:
    """Yield the limits of requests."""
    return ((limit.name, limit.name) for limit in contract.limits if not isinstance(limit.way, Spoken))


def message_limits(contract: Contract) -> Named:
    """Yield the limits of what is said over a socket."""
    return ((limit.name, limit.name) for limit in contract.limits if isinstance(limit.way, Spoken))


def tier_limits(contract: Contract) -> Named:
    """Yield the limits of a tier."""
    return ((limit.name, limit.name) for limit in contract.limits if limit.tier is not None)


def headers(contract: Contract) -> Named:
    """Yield the rules for headers of answers."""
    return ((rules.name, rules.name) for rules in contract.headers)


def cors(contract: Contract) -> Named:
    """Yield the rules for origins."""
    return ((rules.name, rules.name) for rules in contract.cors)


def socket_cors(contract: Contract) -> Named:
    """Yield the rules for origins which hold for a socket."""
    return ((rules.name, rules.name) for rules in contract.cors if rules.socket is not None)


def profiled(contract: Contract) -> Named:
    """Yield `profile:service`, for each service of which the profile says what its absence means."""
    for profile in contract.profiles:
        yield from _each([profile.name], profile.absent)


def models(contract: Contract) -> Named:
    """Yield `service:way`, for each language model of which is said what its failure comes to."""
    return _each((each.name for each in contract.services_of("llm") if each.failure is not None), WAYS)


def heartbeats(contract: Contract) -> Named:
    """Yield the heartbeat of the socket."""
    socket = contract.websocket
    return iter([("heartbeat", "heartbeat")] if socket is not None and socket.heartbeat is not None else [])


def broadcasts(contract: Contract) -> Named:
    """Yield the broadcasts."""
    return (
        (each.name, each.name) for each in (contract.websocket.broadcasts if contract.websocket is not None else ())
    )


def restarts(contract: Contract) -> Named:
    """Yield the broadcast which goes on while the application is restarted: the first one."""
    return islice(broadcasts(contract), 1)


def upgrades(contract: Contract) -> Named:
    """Yield how many sockets are asked for at once."""
    asked = contract.websocket.upgrades if contract.websocket is not None else None
    return iter([(f"{asked.at_once}", "upgrades")] if asked is not None else [])


def turn_limits(contract: Contract) -> Named:
    """Yield the percentiles of turns which have a limit."""
    latency = contract.chat.latency if contract.chat is not None else None
    return ((name, name) for name, _ in (latency.limits if latency is not None else ()))


def frame_limits(contract: Contract) -> Named:
    """Yield the percentiles of answers to single frames which have a limit."""
    latency = contract.websocket.latency if contract.websocket is not None else None
    return ((name, name) for name, _ in (latency.limits if latency is not None else ()))


def connections(contract: Contract) -> Named:
    """Yield the places which say how many connections are open."""
    return _of_socket(contract, lambda socket: ((place.text, place.text) for place in socket.connections))


def sockets(contract: Contract) -> Named:
    """Yield the one socket that there is."""
    return _of_socket(contract, lambda _: iter([("socket", "socket")]))


def ends(contract: Contract) -> Named:
    """Yield the ways in which a connection may end."""
    return _of_socket(contract, lambda _: ((each, each) for each in ENDS))


def routes(contract: Contract) -> Named:
    """Yield the messages which are understood."""
    return _of_socket(contract, lambda socket: ((name, name) for name, _ in named(socket.routes)))


def payloads(contract: Contract) -> Named:
    """Yield the messages which are no good."""
    return ((each.name, each.name) for each in made_of(contract))


def malformed(contract: Contract) -> Named:
    """Yield what breaks the protocol of sockets, and what is unusual in it."""
    return _of_socket(contract, lambda _: ((each, each) for each in KINDS))


def factories(contract: Contract) -> Named:
    """Yield what is made for each user: itself, and what of it nobody else may have."""

    def parts(socket: WebSocket) -> Named:
        if socket.factory is not None:
            yield "itself", ""
            yield from ((path, path) for path in socket.factory.own)

    return _of_socket(contract, parts)


def socket_limits(contract: Contract) -> Named:
    """Yield the limit of connections."""

    def limits(socket: WebSocket) -> Named:
        if socket.limit is not None:
            yield f"{socket.limit.connections}", "connections"

    return _of_socket(contract, limits)


def settling(contract: Contract) -> Named:
    """Yield what is as before, once nothing is under way."""
    return _of_socket(contract, lambda socket: ((place.text, place.text) for place in socket.settles))


def spoofed(contract: Contract) -> Named:
    """Yield where in a frame somebody may pretend to be another user."""

    def fields(socket: WebSocket) -> Named:
        if socket.spoof is not None:
            yield from ((field, field) for field in socket.spoof.fields)

    return _of_socket(contract, fields)


def _of_socket(contract: Contract, parts: Callable[[WebSocket], Named]) -> Named:
    return iter([]) if contract.websocket is None else parts(contract.websocket)


def losses(contract: Contract) -> Named:
    """Yield the ways in which a connection is lost in a turn of the chat."""
    return _ways(contract) if contract.chat is not None else iter(())


def queues(contract: Contract) -> Named:
    """Yield the same, where messages can be put in meanwhile."""
    return _ways(contract) if _has(contract, "reconnect.put") else iter(())


def queue_once(contract: Contract) -> Named:
    """Yield the same as one, for whoever comes first of all."""
    return _one("first", contract, "reconnect.put")


def states(contract: Contract) -> Named:
    """Yield `turn` and `state`, as far as one of them shows what was kept."""
    return ((each, each) for each in ("turn", "state") if _has(contract, f"reconnect.{each}"))


def backoffs(contract: Contract) -> Named:
    """Yield what happens to who comes back too often."""
    return _one("backoff", contract, "reconnect.backoff")


def storms(contract: Contract) -> Named:
    """Yield the number of users who come back at once."""
    socket = contract.websocket
    number = str(socket.reconnect.storm) if socket is not None and socket.reconnect is not None else ""
    return _one(number, contract, "reconnect.put")


def buffers(contract: Contract) -> Named:
    """Yield what is kept of more than can be kept."""
    return _one("buffer", contract, "buffer")


def priorities(contract: Contract) -> Named:
    """Yield the same, where some of it has priority."""
    return _one("buffer", contract, "buffer.put_high")


def losses_told(contract: Contract) -> Named:
    """Yield the same, where users are told of what was lost."""
    return _one("buffer", contract, "buffer.told")


def confirmations(contract: Contract) -> Named:
    """Yield how messages are confirmed."""
    return _one("confirm", contract, "confirm")


def _one(name: str, contract: Contract, part: str) -> Named:
    """Yield the name when the table of the socket has this part, such as `buffer.told`."""
    return iter([(name, name)] if _has(contract, part) else [])


def _has(contract: Contract, part: str) -> bool:
    found: object = contract.websocket
    for name in part.split("."):
        found = getattr(found, name, None)
    return found is not None


def _ways(contract: Contract) -> Named:
    socket = contract.websocket
    ways = socket.reconnect.ways if socket is not None and socket.reconnect is not None else ()
    return ((way, way) for way in ways)


def _each(names: Iterable[str], others: Iterable[str]) -> Named:
    return ((f"{name}-{other}", f"{name}:{other}") for name in names for other in others)
