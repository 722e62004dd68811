"""The contract of an application, as frozen objects.

Each field says what its key means and what may stand there: the reader, the JSON Schema and the reference
page have no other description.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_startup.baseline import Baseline
from pytest_startup.contract import leaves, order
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.components import COMPONENTS, Component, Link, Wiring
from pytest_startup.contract.deliveries import Delivery
from pytest_startup.contract.grace import Grace
from pytest_startup.contract.hardening import Headers
from pytest_startup.contract.health import Health, NoProbe, Probe, ReadinessProbe
from pytest_startup.contract.journeys import Journey
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.launch import ALWAYS_PASSED, Launch
from pytest_startup.contract.limiting import Limit
from pytest_startup.contract.phases import FORBIDDEN_LOG, Phase, Startup
from pytest_startup.contract.profiles import Profile
from pytest_startup.contract.reading import Reading, Spot
from pytest_startup.contract.security import Cors, Token
from pytest_startup.contract.services import SERVICES, Outcome, OutcomeWord, Service, ServiceKind
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Table
from pytest_startup.contract.templates import Reference, references
from pytest_startup.contract.traffic import Traffic
from pytest_startup.contract.values import Command, Target, Url
from pytest_startup.contract.websocket import WebSocket

__all__ = [
    "ALWAYS_PASSED",
    "FORBIDDEN_LOG",
    "Budgets",
    "Chat",
    "Component",
    "Contract",
    "Cors",
    "Delivery",
    "Grace",
    "Headers",
    "Health",
    "Journey",
    "Launch",
    "Limit",
    "Link",
    "NoProbe",
    "Outcome",
    "OutcomeWord",
    "Phase",
    "Probe",
    "Profile",
    "ReadinessProbe",
    "Service",
    "ServiceKind",
    "Startup",
    "Token",
    "Traffic",
    "WebSocket",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Seconds that each layer may take, set-up and tear-down included."""

    smoke: float = field(default=30.0, metadata=key(leaves.SECONDS, "Seconds for `-m smoke`."))
    mission_critical: float = field(default=120.0, metadata=key(leaves.SECONDS, "Seconds for `-m mission_critical`."))
    integration: float = field(default=300.0, metadata=key(leaves.SECONDS, "Seconds for `--real-services`."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything that an application promises about its startup.

    `source` is the file it came from, `recorded` what stands in the file of its baseline.
    """

    launch: Launch = field(
        metadata=key(Table(Launch, "a table", '{ target = "package.module:app" }'), "How the application is started.")
    )
    startup: Startup = field(
        default=Startup(),
        metadata=key(Table(Startup, "a table", "{}"), "What holds for the startup as a whole."),
    )
    phases: tuple[Phase, ...] = field(
        default=(),
        metadata=key(
            Several(Table(Phase, "a table", '{ name = "database" }'), "an array of tables: [[phases]], not [phases]"),
            "The steps of the startup.",
        ),
    )
    components: tuple[Component, ...] = field(
        default=(), metadata=key(COMPONENTS, "The parts of the application, and where they live.")
    )
    wiring: tuple[Link, ...] = field(
        default=(),
        metadata=key(
            Wiring(),
            "Which part holds which. Left, in quotes: a component and the path within it; "
            "right: the component which must be there, the same object.",
        ),
    )
    services: tuple[Service, ...] = field(
        default=(), metadata=key(SERVICES, "What the application uses outside its process.")
    )
    health: Health = field(
        default=Health(),
        metadata=key(Table(Health, "a table", "{}"), "Where the application says how it is."),
    )
    grace: tuple[Grace, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Grace, "a table", '{ name = "x", seconds = 10, status = "app.state.x", during = 0, after = 1 }'),
                "an array of tables: [[grace]], not [grace]",
            ),
            "Its grace periods: how long it waits for something before it says that it is missing.",
        ),
    )
    traffic: Traffic = field(
        default=Traffic(),
        metadata=key(Table(Traffic, "a table", '{ requests = ["/"] }'), "What users use, and who keeps them out."),
    )
    journeys: tuple[Journey, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Journey, "a table", '{ name = "login", steps = [{ post = "/login" }] }'),
                "an array of tables: [[journeys]], not [journeys]",
            ),
            "What users do: over HTTP, over WebSockets, and where it must show.",
        ),
    )
    deliveries: tuple[Delivery, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Delivery, "a table", '{ name = "events", journey = "login", socket = "/ws", put = "x.send()" }'),
                "an array of tables: [[deliveries]], not [deliveries]",
            ),
            "Events which are put in inside the process, and arrive at the socket of the right user.",
        ),
    )
    chat: Chat | None = field(
        default=None,
        metadata=key(
            Table(
                Chat,
                "a table",
                '{ journey = "login", socket = "/ws", ask = { text = "{nonce}" }, events = ["answer"] }',
            ),
            "The chat: what a user asks over a WebSocket, and the events that come back.",
        ),
    )
    websocket: WebSocket | None = field(
        default=None,
        metadata=key(
            Table(WebSocket, "a table", '{ journey = "login", socket = "/ws" }'),
            "Its WebSocket: what holds for it, whatever is said over it.",
        ),
    )
    tokens: tuple[Token, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Token, "a table", '{ name = "access", journey = "login", token = "token" }'),
                "an array of tables: [[tokens]], not [tokens]",
            ),
            "What proves who somebody is, and what nobody may take for it.",
        ),
    )
    limits: tuple[Limit, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Limit, "a table", '{ name = "requests", request = { get = "/" }, allowed = 60 }'),
                "an array of tables: [[limits]], not [limits]",
            ),
            "How much somebody may ask within some time.",
        ),
    )
    cors: tuple[Cors, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Cors, "a table", '{ name = "api", paths = ["/"], origins = ["https://app.example.com"] }'),
                "an array of tables: [[cors]], not [cors]",
            ),
            "Which other origins may use it in a browser.",
        ),
    )
    headers: tuple[Headers, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Headers, "a table", '{ name = "all", paths = ["/"], required = { X-Frame-Options = "DENY" } }'),
                "an array of tables: [[headers]], not [headers]",
            ),
            "Which headers its answers have, and which they have not.",
        ),
    )
    profiles: tuple[Profile, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Profile, "a table", '{ name = "production", absent = { search = "exit" } }'),
                "an array of tables: [[profiles]], not [profiles]",
            ),
            "How it is run elsewhere, and what it takes then that a service is not there.",
        ),
    )
    budgets: Budgets = field(
        default=Budgets(), metadata=key(Table(Budgets, "a table", "{}"), "How long each layer may take.")
    )
    source: Path | None = None
    recorded: Baseline | None = None

    @classmethod
    def minimal(cls, target: str | Target | Command | Url) -> Contract:
        """Return the contract which says nothing but what to start: `module:attribute`, or an http(s) URL.

        Raises `ContractError` when the text is neither.
        """
        return cls(launch=Launch(app=_start(target) if isinstance(target, str) else target))

    @property
    def root(self) -> Path:
        """The directory of the contract; without a file, the current one."""
        return Path.cwd() if self.source is None else self.source.parent

    @property
    def graph(self) -> dict[str, frozenset[str]]:
        """Phase -> all phases which must be left before it is entered, directly or through others."""
        nodes = [order.Node(each.name, each.after, each.needs, each.provides) for each in self.phases]
        return order.closure(nodes, total=self.startup.order == "total")

    def references(self) -> Iterator[Reference]:
        """Yield every template in commands, environment, URL, journeys, deliveries and chat."""
        app = self.launch.app
        words = app.argv if isinstance(app, Command) else (app.url,) if isinstance(app, Url) else ()
        commands = [*self.launch.before, *(command for each in self.services for command in each.template)]
        commands += [each.schema.check for each in self.services if each.schema and each.schema.check]
        told = [*self.launch.env.values(), *(text for each in self.services for text in each.env.values())]
        told += [text for each in self.profiles for text in each.env.values()]
        for text in (*words, *told, *(word for command in commands for word in command)):
            yield from references(text)
        used = [*(each.texts() for each in self.journeys), *(each.texts() for each in self.deliveries)]
        used.append(iter(self.traffic.headers.values()))
        used += [self.chat.texts()] if self.chat is not None else []
        used += [self.websocket.texts()] if self.websocket is not None else []
        used += [each.texts() for each in self.tokens]
        used += [each.texts() for each in self.limits]
        used += [each.texts() for each in self.cors]
        used += [each.texts() for each in self.headers]
        for text in (text for texts in used for text in texts):
            yield from references(text)

    def phase(self, name: str) -> Phase:
        """Return the phase of this name; raises `KeyError`."""
        return {each.name: each for each in self.phases}[name]

    def component(self, name: str) -> Component:
        """Return the component of this name; raises `KeyError`."""
        return {each.name: each for each in self.components}[name]

    def grace_period(self, name: str) -> Grace:
        """Return the grace period of this name; raises `KeyError`."""
        return {each.name: each for each in self.grace}[name]

    def service(self, name: str) -> Service:
        """Return the service of this name; raises `KeyError`."""
        return {each.name: each for each in self.services}[name]

    def journey(self, name: str) -> Journey:
        """Return the journey of this name; raises `KeyError`."""
        return {each.name: each for each in self.journeys}[name]

    def delivery(self, name: str) -> Delivery:
        """Return the delivery of this name; raises `KeyError`."""
        return {each.name: each for each in self.deliveries}[name]

    def token(self, name: str) -> Token:
        """Return the sort of token of this name; raises `KeyError`."""
        return {each.name: each for each in self.tokens}[name]

    def limit(self, name: str) -> Limit:
        """Return the limit of this name; raises `KeyError`."""
        return {each.name: each for each in self.limits}[name]

    def rules(self, name: str) -> Cors:
        """Return the rules for origins of this name; raises `KeyError`."""
        return {each.name: each for each in self.cors}[name]

    def header_rules(self, name: str) -> Headers:
        """Return the rules for headers of this name; raises `KeyError`."""
        return {each.name: each for each in self.headers}[name]

    def profile(self, name: str) -> Profile:
        """Return the profile of this name; raises `KeyError`."""
        return {each.name: each for each in self.profiles}[name]

    def within(self, profile: str) -> Contract:
        """Return what holds when the application is run in this profile; itself for none. Raises `KeyError`."""
        if not profile:
            return self
        chosen = self.profile(profile)
        launch = replace(self.launch, env={**self.launch.env, **chosen.env})
        return replace(self, launch=launch, services=tuple(map(chosen.applied, self.services)))

    def services_of(self, *kinds: str) -> tuple[Service, ...]:
        """Return the services of these kinds, as listed."""
        return tuple(each for each in self.services if each.kind in kinds)

    def provider(self, component: str) -> Phase | None:
        """Return the phase which provides a component, if one says so."""
        return next((each for each in self.phases if component in each.provides), None)


CONTRACT = Table(Contract, "a table", '{ launch = { target = "package.module:app" } }')
"""The one description of a whole contract."""


def _start(text: str) -> Target | Url:
    reading = Reading()
    kind = leaves.URL if text.startswith(("http://", "https://")) else leaves.TARGET
    start = kind.read(text, Spot(reading, ("target",)))
    reading.check()
    assert start is not None  # noqa: S101
    return start
