"""The parameters which a contract gives the tests of the suites: one test for each of what it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pytest_startup.report.judged import NoneDeclared, Subject

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

WITH_OUTCOME = ("service", "needed", "server", "database")
"""The arguments which are services."""

WITH_PASSWORD = ("postgres", "redis")
"""The kinds of services which are given a password of ours."""


class Parameter(NamedTuple):
    """One parameter of a test: its readable id and the subject."""

    id: str
    value: Subject


_Subjects = Callable[["Contract"], Iterator[Parameter]]


def parameters(argument: str, contract: Contract, fault: str = "") -> list[Parameter]:
    """Return what a test's `argument`, one of `ARGUMENTS`, is called with for this contract.

    `fault` is the kind of the fault in the test's boot, if any: what would not be judged is not booted for.
    """
    subjects, missing = _SUBJECTS[argument]
    found = [each if not fault else _judged(argument, contract, each, fault) for each in subjects(contract)]
    return _unique(found) or [Parameter("none-declared", NoneDeclared(f"the contract {missing}"))]


def _judged(argument: str, contract: Contract, parameter: Parameter, fault: str) -> Parameter:
    """Return the parameter, or in its place why a fault of it would not be judged."""
    from pytest_startup.checks import outcomes  # noqa: PLC0415 (collecting without faults does not pay for it)

    if argument in WITH_OUTCOME and outcomes.declared(contract, str(parameter.value), fault) is None:
        why = f"services.{parameter.value}.outcome.{outcomes.DECLARED_AS[fault]} is not declared"
        return Parameter(parameter.id, NoneDeclared(why))
    if fault == "wrong-credentials" and contract.service(str(parameter.value)).kind not in WITH_PASSWORD:
        why = f"the application shows {parameter.value} no password that could be wrong"
        return Parameter(parameter.id, NoneDeclared(why))
    if argument == "phase" and fault == "twice" and contract.phase(str(parameter.value)).once is not True:
        return Parameter(parameter.id, NoneDeclared("the contract does not say that it may be called twice at once"))
    return parameter


def schedules(contract: Contract, seeds: Iterable[int]) -> list[Parameter]:
    """Return the seeds of the chaos of this contract, or why there is none: then nothing is booted for it."""
    if any(each.outcome.falters is not None for each in contract.services):
        return [Parameter(f"chaos-{seed}", seed) for seed in seeds]
    why = "the contract says of no service what must happen when it falters (services.NAME.outcome.falters)"
    return [Parameter("none-declared", NoneDeclared(why))]


def orders(contract: Contract, seeds: Iterable[int]) -> list[Parameter]:
    """Return the seeds of the orders in which phases must keep theirs; without phases nothing is booted for them."""
    none = NoneDeclared("the contract declares no phases")
    return [Parameter(f"seed-{seed}", seed if contract.phases else none) for seed in seeds]


def _unique(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Give each its own id: xdist compares what its workers collected by ids."""
    found: dict[str, Parameter] = {}
    for identifier, value in parameters:
        name = identifier
        while name in found:
            name = f"{identifier}-{len(found)}"
        found[name] = Parameter(name, value)
    return list(found.values())


def _links(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(link.place.text, link.place.text) for link in contract.wiring)


def _services(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(service.name, service.name) for service in contract.services)


def _each(table: str) -> _Subjects:
    return lambda contract: (Parameter(each.name, each.name) for each in getattr(contract, table))


def _having(table: str, flag: str) -> _Subjects:
    return lambda contract: (Parameter(e.name, e.name) for e in getattr(contract, table) if getattr(e, flag))


def _of(*kinds: str) -> _Subjects:
    return lambda contract: (Parameter(each.name, each.name) for each in contract.services_of(*kinds))


def _endpoints(_: Contract) -> Iterator[Parameter]:
    """Both, always: where the contract names no such health endpoint, the check knows what may still be judged."""
    return (Parameter(name, name) for name in ("liveness", "readiness"))


def _patterns(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(pattern, pattern) for pattern in contract.startup.forbidden_log)


def _journeys(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is None)


def _conversations(contract: Contract) -> Iterator[Parameter]:
    """By the journeys with a turn of the chat."""
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is None and each.chats)


def _disturbances(contract: Contract) -> Iterator[Parameter]:
    """By the journeys which are disturbed."""
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is not None)


def _events(contract: Contract) -> Iterator[Parameter]:
    """By the types of the events, each once."""
    return (Parameter(each, each) for each in (contract.chat.types if contract.chat is not None else ()))


def _schema_events(contract: Contract) -> Iterator[Parameter]:
    """By the types of the events whose schema is known; by all of them, where a document describes them."""
    chat = contract.chat
    types = () if chat is None else chat.types
    known = (each for each in types if chat is not None and (chat.asyncapi is not None or chat.schema(each)))
    return (Parameter(each, each) for each in known)


def _users(contract: Contract) -> Iterator[Parameter]:
    """By their number: one parameter, as there is one chat."""
    return iter([] if contract.chat is None else [Parameter(f"{contract.chat.users}", "chat")])


def _askers(contract: Contract) -> Iterator[Parameter]:
    """By the journey which makes somebody a user of the chat."""
    return iter([] if contract.chat is None else [Parameter(contract.chat.journey, contract.chat.journey)])


def _recipients(contract: Contract) -> Iterator[Parameter]:
    """`delivery:pattern`; the id is the pattern without its wildcards, so that `-k` can name it."""
    return (
        Parameter(pattern.replace("*", ""), f"{each.name}:{pattern}")
        for each in contract.deliveries
        for pattern in each.synthetic
    )


def _provided(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(name, name) for phase in contract.phases for name in phase.provides)


def _succession(contract: Contract) -> Iterator[Parameter]:
    for later in contract.components:
        yield from (Parameter(f"{each}-before-{later.name}", (each, later.name)) for each in later.after)


def _tried(name: str) -> _Subjects:
    """Return what tells the subjects of this sort, of all that is tried with an application."""

    def subjects(contract: Contract) -> Iterator[Parameter]:
        from pytest_startup.contract import tried  # noqa: PLC0415 (collecting without it does not pay for it)

        return (Parameter(*each) for each in getattr(tried, name)(contract))

    return subjects


def _baselines(contract: Contract) -> Iterator[Parameter]:
    return iter([Parameter("baseline", "startup")] if contract.recorded is not None else [])


def _pairs(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(f"{earlier}-before-{later}", (earlier, later)) for earlier, later in _order(contract))


def _order(contract: Contract) -> Iterator[tuple[str, str]]:
    """Neighbours where the order is total, else what each phase says itself: after which, and what it needs."""
    if contract.startup.order == "total":
        yield from pairwise(phase.name for phase in contract.phases)
        return
    provider = {component: phase.name for phase in contract.phases for component in phase.provides}
    for phase in contract.phases:
        before = [*phase.after, *(provider[need] for need in phase.needs if need in provider)]
        yield from ((name, phase.name) for name in dict.fromkeys(before) if name != phase.name)


_SUBJECTS: Mapping[str, tuple[_Subjects, str]] = {
    "phase": (_each("phases"), "declares no phases"),
    "component": (_each("components"), "declares no components"),
    "filled": (_having("components", "not_empty"), "declares no component that must not be empty"),
    "link": (_links, "declares no wiring"),
    "service": (_services, "declares no services"),
    "needed": (_having("services", "required"), "declares no service that is required"),
    "server": (_of("postgres", "redis"), "declares neither a Postgres nor a Redis"),
    "database": (_of("postgres"), "declares no Postgres"),
    "endpoint": (_endpoints, "declares no health endpoints"),
    "pattern": (_patterns, "forbids no log lines"),
    "journey": (_journeys, "declares no journeys that nothing disturbs"),
    "conversation": (_conversations, "declares no journey with a turn of the chat"),
    "disturbance": (_disturbances, "declares no journeys that something disturbs"),
    "delivery": (_each("deliveries"), "declares no deliveries"),
    "event": (_events, "declares no chat"),
    "described": (_schema_events, "says of no event of a chat what it must be (schema, chat.asyncapi)"),
    "users": (_users, "declares no chat"),
    "asker": (_askers, "declares no chat"),
    "recipient": (_recipients, "declares no synthetic recipients"),
    "pair": (_pairs, "declares no phase that comes after another"),
    "provided": (_provided, "declares no component that a phase provides"),
    "timed": (_having("components", "within"), "says of no component within what time it must be there"),
    "weighed": (_having("phases", "max_mib"), "sets no max_mib for any phase"),
    "succession": (_succession, "declares no component that comes after another"),
    "grace": (_each("grace"), "declares no grace period"),
    "token": (_tried("tokens"), "declares no token that requests are made with"),
    "socket_token": (_tried("socket_tokens"), "declares no token that a socket is opened with"),
    "warm_token": (_tried("warm_tokens"), "says of no token what its first use does not need (tokens.warm)"),
    "limit": (_tried("limits"), "declares no rate limit of requests"),
    "message_limit": (_tried("message_limits"), "declares no rate limit of what is said over a socket"),
    "tier_limit": (_tried("tier_limits"), "declares no rate limit of a tier"),
    "headers": (_tried("headers"), "declares no rules for the headers of answers"),
    "cors": (_tried("cors"), "declares no rules for other origins"),
    "socket_cors": (_tried("socket_cors"), "declares no rules for other origins that hold for a socket"),
    "loss": (_tried("losses"), "does not say how a user comes back (websocket.reconnect, beside a chat)"),
    "queue": (_tried("queues"), "declares no message for who is away (websocket.reconnect.put)"),
    "queued": (_tried("queue_once"), "declares no message for who is away (websocket.reconnect.put)"),
    "state": (_tried("states"), "does not say what shows that a state was kept (websocket.reconnect.turn, or state)"),
    "backoff": (_tried("backoffs"), "does not say what happens to who comes back too often"),
    "storm": (_tried("storms"), "declares no message for who is away (websocket.reconnect.put)"),
    "buffer": (_tried("buffers"), "does not say how much is kept (websocket.buffer)"),
    "priority": (_tried("priorities"), "declares no message which has priority (websocket.buffer.put_high)"),
    "told": (_tried("losses_told"), "does not say how a user is told of what was lost (websocket.buffer.told)"),
    "confirmed": (_tried("confirmations"), "does not say how a message is confirmed (websocket.confirm)"),
    "model": (_tried("models"), "declares no language model with what its failure comes to"),
    "gathered": (_tried("sockets"), "does not say what its sockets are like (websocket)"),
    "counted": (_tried("connections"), "does not say where its connections are counted (websocket.connections)"),
    "made": (_tried("factories"), "declares nothing that is made for each user (websocket.factory)"),
    "socket_limit": (_tried("socket_limits"), "sets no limit of connections (websocket.limit)"),
    "end": (_tried("ends"), "does not say what its sockets are like (websocket)"),
    "route": (_tried("routes"), "declares no messages that its socket understands (websocket.routes)"),
    "payload": (_tried("payloads"), "does not say what its sockets are like (websocket)"),
    "malformed": (_tried("malformed"), "does not say what its sockets are like (websocket)"),
    "settling": (_tried("settling"), "does not say what agents have under way (websocket.settles)"),
    "spoofed": (_tried("spoofed"), "does not say where a frame may name a user (websocket.spoof)"),
    "profiled": (_tried("profiled"), "declares no profile in which a service is absent"),
    "heartbeat": (_tried("heartbeats"), "says nothing of heartbeats (websocket.heartbeat)"),
    "broadcast": (_tried("broadcasts"), "declares no broadcast (websocket.broadcasts)"),
    "restarted": (_tried("restarts"), "declares no broadcast (websocket.broadcasts)"),
    "upgrades": (_tried("upgrades"), "does not say how many sockets may be asked for at once (websocket.upgrades)"),
    "turn_latency": (_tried("turn_limits"), "does not say how long turns may take by percentiles (chat.latency)"),
    "frame_latency": (_tried("frame_limits"), "does not say how long answers may take (websocket.latency)"),
    "baseline": (_baselines, "names no startup.baseline in which one was recorded (--startup-record-baseline)"),
}
ARGUMENTS: Sequence[str] = tuple(_SUBJECTS)
"""The arguments by which a test of the suites asks for a subject."""
