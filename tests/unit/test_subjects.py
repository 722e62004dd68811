"""What a contract makes of the arguments of the suites' tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.baseline import Baseline
from pytest_startup.contract.actions import Request, Turn
from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.buffering import Buffer, Confirm
from pytest_startup.contract.chat import Chat, ChatSocket, ExpectedEvent, Question
from pytest_startup.contract.connections import Factory
from pytest_startup.contract.connections import Limit as ConnectionLimit
from pytest_startup.contract.deliveries import Delivery
from pytest_startup.contract.event_schemas import EventSchema
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.failing import Failure
from pytest_startup.contract.hardening import Headers
from pytest_startup.contract.heartbeat import Heartbeat
from pytest_startup.contract.journeys import Disturbance, Journey, Step
from pytest_startup.contract.latency import FrameLatency, TurnLatency
from pytest_startup.contract.limiting import Limit, Spoken
from pytest_startup.contract.malformed import ENDS, KINDS
from pytest_startup.contract.model import (
    Component,
    Contract,
    Grace,
    Launch,
    Link,
    Outcome,
    Phase,
    Service,
    Startup,
)
from pytest_startup.contract.payloads import payloads
from pytest_startup.contract.places import Place
from pytest_startup.contract.profiles import Profile
from pytest_startup.contract.reconnect import Backoff, Reconnect, Resume
from pytest_startup.contract.security import VARIANTS, Asked, Captured, Cookie, Cors, Instead, Scope, Token, Without
from pytest_startup.contract.sockets import SocketClient
from pytest_startup.contract.spoofing import Spoof
from pytest_startup.contract.upgrades import Upgrades
from pytest_startup.contract.values import LogSignal, Target
from pytest_startup.contract.websocket import WebSocket
from pytest_startup.report.judged import NoneDeclared
from pytest_startup.subjects import ARGUMENTS, orders, parameters, schedules


def _phase(name: str, **more: tuple[str, ...]) -> Phase:
    return Phase(name=name, signal=LogSignal(name), **more)  # type: ignore[arg-type]


PHASES = (
    replace(_phase("a", provides=("x",)), max_mib=10.0),
    _phase("b", after=("a",)),
    _phase("c", needs=("x", "postgres"), after=("b", "a")),
)
ASKED = Asked(request=Request("GET", "/"))
STEPS = (Step(action=Request("GET", "/")),)
CONTRACT = Contract(
    launch=Launch(app=Target("main", "app")),
    startup=Startup(forbidden_log=("Traceback", "boom")),
    phases=PHASES,
    components=(
        Component(name="x", place=Place.parse("app.state.x"), within=0.1),
        Component(name="y", place=Place.parse("app.state.y"), after=("x",), not_empty=True),
    ),
    grace=(Grace(name="patience", seconds=1.0, status=Place.parse("app.state.x"), during=0, after=1),),
    wiring=(Link(place=Place.parse("x.y"), target="x"),),
    services=(
        Service(name="postgres", kind="postgres"),
        Service(name="llm", kind="llm", failure=Failure()),
    ),
    recorded=Baseline(),
    journeys=(
        Journey(name="log-in", steps=STEPS),
        Journey(name="talk", steps=(*STEPS, Step(action=Turn({})))),
        Journey(name="new-keys", steps=STEPS, disturbance=Disturbance(phase="b", steps=STEPS)),
    ),
    deliveries=(
        Delivery(
            name="events",
            journey="log-in",
            socket=SocketClient(path="/ws"),
            put=Place.parse("x.put('{recipient}')"),
            synthetic=("test_*", "probe"),
            undeliverable="lost",
        ),
    ),
    tokens=(
        Token(
            name="jwt",
            journey="log-in",
            source=Captured("t"),
            socket=SocketClient(path="/ws?t={t}"),
            scope=Scope(claim="scope", change=Without("chat")),
            warm="postgres",
        ),
        Token(
            name="session",
            journey="log-in",
            source=Cookie("sid"),
            requests=(ASKED,),
            scope=Scope(claim="role", change=Instead("guest")),
        ),
        Token(
            name="narrow",
            journey="log-in",
            source=Captured("t"),
            scope=Scope(claim="scope", change=Without("chat"), requests=(ASKED,)),
        ),
    ),
    limits=(
        Limit(name="all", way=ASKED, allowed=10),
        Limit(name="pro", way=Spoken(SocketClient(path="/ws"), {}, {}), allowed=10, tier="pro", of="messages"),
    ),
    headers=(Headers(name="safe", paths=("/",), absent=("Server",)),),
    cors=(Cors(name="pages", paths=("/",), origins=()),),
    profiles=(Profile(name="production", absent={"postgres": "exit"}),),
)
CONTRACT = replace(
    CONTRACT,
    chat=Chat(
        journey="log-in",
        socket=ChatSocket(path="/ws"),
        question=Question(({"text": "{nonce}"},)),
        greeting=(ExpectedEvent(type="hello"),),
        events=(
            ExpectedEvent(type="began"),
            ExpectedEvent(type="word", repeated=True, judged_by=EventSchema({})),
            ExpectedEvent(type="ended"),
        ),
        latency=TurnLatency(first_p95=1.0, p50=2.0),
    ),
)
PUT = Place.parse("x.put('{nonce}')")
RECONNECT = Reconnect(resume=Resume(query={"after": "{last}"}), put=PUT, turn={}, backoff=Backoff(within=1, attempts=2))
CONTRACT = replace(
    CONTRACT,
    websocket=WebSocket(
        connections=(Place.parse("x.all"), Place.parse("x.of('{user_id}')")),
        factory=Factory(make=Place.parse("x.of('{user_id}')"), own=("sockets",)),
        limit=ConnectionLimit(connections=5),
        routes=(Exchange(say={"type": "ping"}, receive={}), Exchange(say={"count": 1}, receive={})),
        settles=(Place.parse("x.runs"),),
        spoof=Spoof(fields=("user_id",)),
        reconnect=RECONNECT,
        buffer=Buffer(put=PUT, told={"type": "lost"}),
        confirm=Confirm(put=PUT, say={}),
        heartbeat=Heartbeat(every=1.0, dead_within=3.0, ping=True),
        broadcasts=(Broadcast(name="news", put=PUT), Broadcast(name="offers", put=PUT)),
        upgrades=Upgrades(at_once=50),
        latency=FrameLatency(p50=0.1, p95=0.2),
    ),
)
PARTIAL = Contract(launch=CONTRACT.launch, startup=Startup(order="partial"), phases=PHASES)

EXPECTED = {
    "phase": ["a", "b", "c"],
    "component": ["x", "y"],
    "filled": ["y"],
    "link": ["x.y"],
    "service": ["postgres", "llm"],
    "needed": ["postgres", "llm"],
    "server": ["postgres"],
    "database": ["postgres"],
    "endpoint": ["liveness", "readiness"],
    "pattern": ["Traceback", "boom"],
    "journey": ["log-in", "talk"],
    "conversation": ["talk"],
    "event": ["hello", "began", "word", "ended"],
    "described": ["word"],
    "users": ["10"],
    "asker": ["log-in"],
    "disturbance": ["new-keys"],
    "delivery": ["events"],
    "recipient": ["test_", "probe"],
    "pair": ["a-before-b", "b-before-c"],
    "provided": ["x"],
    "timed": ["x"],
    "weighed": ["a"],
    "succession": ["x-before-y"],
    "grace": ["patience"],
    "token": [
        *(f"session-{variant}" for variant in (*VARIANTS, "underscoped")),
        "narrow-underscoped",
        "narrow-lookalike",
    ],
    "socket_token": [f"jwt-{variant}" for variant in (*VARIANTS, "underscoped", "lookalike")],
    "warm_token": ["jwt"],
    "limit": ["all"],
    "message_limit": ["pro"],
    "tier_limit": ["pro"],
    "headers": ["safe"],
    "cors": ["pages"],
    "socket_cors": ["none-declared"],
    "profiled": ["production-postgres"],
    "model": ["llm-throttles", "llm-errs", "llm-falls-silent", "llm-breaks-off"],
    "gathered": ["socket"],
    "counted": ["x.all", "x.of('{user_id}')"],
    "made": ["itself", "sockets"],
    "socket_limit": ["5"],
    "end": list(ENDS),
    "route": ["ping", "route-1"],
    "payload": [each.name for each in payloads(CONTRACT)],
    "malformed": list(KINDS),
    "settling": ["x.runs"],
    "spoofed": ["user_id"],
    "baseline": ["baseline"],
    "loss": ["closed", "reset"],
    "queue": ["closed", "reset"],
    "queued": ["first"],
    "state": ["turn"],
    "backoff": ["backoff"],
    "storm": ["50"],
    "buffer": ["buffer"],
    "priority": ["none-declared"],
    "told": ["buffer"],
    "confirmed": ["confirm"],
    "heartbeat": ["heartbeat"],
    "broadcast": ["news", "offers"],
    "restarted": ["news"],
    "upgrades": ["50"],
    "turn_latency": ["first_p95", "p50"],
    "frame_latency": ["p50", "p95"],
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_parameters(argument: str):
    """Each argument is called with what the contract declares of its sort, under a readable id."""
    assert [each.id for each in parameters(argument, CONTRACT)] == EXPECTED[argument]


def test_schedules():
    """Each seed is one, where a service may falter; else there is the reason, for which nothing is booted."""
    assert [("chaos-3", 3), ("chaos-4", 4)] == schedules(_with(Outcome(falters="exit")), (3, 4))
    (none,) = schedules(_with(Outcome(late="exit")), (3, 4))
    assert isinstance(none.value, NoneDeclared)


def test_orders():
    """Each seed is one, where there are phases; else each is the reason, for which nothing is booted."""
    assert [("seed-3", 3), ("seed-4", 4)] == orders(CONTRACT, (3, 4))
    found = orders(replace(CONTRACT, phases=()), (3, 4))
    assert ["seed-3", "seed-4"] == [each.id for each in found]
    assert all(isinstance(each.value, NoneDeclared) for each in found)


def _with(outcome: Outcome) -> Contract:
    return replace(CONTRACT, services=(Service(name="redis", kind="redis", outcome=outcome),))


@pytest.mark.parametrize("argument", ["service", "server", "database"])
def test_an_outcome_that_is_not_declared(argument: str):
    """For what would not be judged nothing is booted, by whichever argument a service is named."""
    found, *_ = parameters(argument, CONTRACT, "late")
    assert "services.postgres.outcome.late is not declared" == found.value


def test_pairs_of_a_partial_order():
    """In a partial order a phase itself says what it comes after, and whose components it needs."""
    assert [each.value for each in parameters("pair", PARTIAL)] == [("a", "b"), ("b", "c"), ("a", "c")]


def test_recipients():
    """A synthetic recipient is told by its delivery and its pattern; the id is a word that `-k` can name."""
    assert [each.value for each in parameters("recipient", CONTRACT)] == ["events:test_*", "events:probe"]


@pytest.mark.parametrize("argument", sorted({*ARGUMENTS} - {"endpoint"}))
def test_none_declared(argument: str):
    """Where nothing is declared there is one parameter, which carries the reason."""
    contract = Contract(launch=CONTRACT.launch, startup=Startup(forbidden_log=()))
    (only,) = parameters(argument, contract)
    assert only.id == "none-declared"
    assert isinstance(only.value, NoneDeclared)
    assert only.value.startswith("the contract ")


@pytest.mark.parametrize(
    ("argument", "fault", "expected"),
    [
        ("service", "absent", {"postgres": "postgres"}),
        ("service", "silent", {"postgres": "services.postgres.outcome.hangs is not declared"}),
        ("phase", "raises", {"a": "a", "b": "b", "c": "c"}),
        (
            "phase",
            "twice",
            dict.fromkeys("abc", "the contract does not say that it may be called twice at once"),
        ),
    ],
)
def test_no_boot_for_nothing(argument: str, fault: str, expected: dict[str, str]):
    """Where the contract does not say what a fault should lead to, the reason stands in the place of the subject."""
    service = Service(name="postgres", kind="postgres", outcome=Outcome(absent="exit"))
    contract = replace(CONTRACT, services=(service,))
    found = parameters(argument, contract, fault)
    assert {each.id: each.value for each in found} == expected
    assert [isinstance(each.value, NoneDeclared) for each in found] == [k != v for k, v in expected.items()]


def test_ids_are_unique():
    """Two patterns that read alike still have two ids."""
    contract = Contract(launch=CONTRACT.launch, startup=Startup(forbidden_log=("x", "x")))
    ids = [each.id for each in parameters("pattern", contract)]
    assert len(ids) == len(set(ids)) == 2
