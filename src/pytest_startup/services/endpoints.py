"""Where a service is reached, what was asked for, and what was chosen: plain values, no input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from pytest_startup.services.errors import UnknownProvider

if TYPE_CHECKING:
    from pytest_startup.contract.templates import Address

SERVICES = ("postgres", "redis", "llm")
"""The services that can be had."""

PROVIDERS = ("external", "embedded", "native", "docker")
"""Every provider, in the order in which "auto" tries them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service as one boot may use it: a database, an index of a Redis, an LLM stub of its own.

    `port` is a TCP port on `host`. `database` is the name of the database (Postgres), the index in digits (Redis) or
    empty. `user` and `password` may be empty; the password of an LLM stub is its API key. `version`: what serves there,
    as in `Choice`.
    """

    service: str
    provider: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    version: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from all others that are in use, whatever address it is reached through."""
        return (self.service, self.database, self.password)

    def address(self, host: str | None = None, port: int | None = None) -> Address:
        """Return what templates need, as reached through another address if given (a tap's)."""
        from pytest_startup.contract.templates import Address  # noqa: PLC0415  # the keeper can do without

        return Address(
            protocol=self.service,
            host=host if host is not None else self.host,
            port=port if port is not None else self.port,
            user=self.user,
            password="" if self.service == "llm" else self.password,
            database=self.database,
            key=self.password if self.service == "llm" else "",
        )

    def url(self, scheme: str = "") -> str:
        """Return its URL, with its password; `scheme` as in `postgresql+asyncpg`."""
        return self.address().url(scheme)


OFFICIAL = {"postgres": "postgres:17-alpine", "redis": "redis:7-alpine"}
"""The images which are used when none is named. Postgres: not the newest release, but the one which every hosting
service offers by now. Redis: what most are running. Alpine: they are pulled in half the time."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a service runs in: an image ("": the official one), what its server is told besides, and variables."""

    image: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def image_for(self, service: str) -> str:
        """Return the image that is wanted for this service, else the official one."""
        return self.image or OFFICIAL[service]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Container:
        """Return what came as JSON."""
        return cls(raw["image"], tuple(raw["args"]), tuple((name, value) for name, value in raw["env"]))


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Which provider gives the services, the URLs of servers that are already there, and what containers are made of.

    Raises `UnknownProvider` at once when the provider is none of "auto" and `PROVIDERS`.
    """

    provider: str = "auto"
    postgres_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    postgres: Container = Container()
    redis: Container = Container()

    def __post_init__(self) -> None:
        """Refuse a provider that does not exist."""
        if self.provider not in ("auto", *PROVIDERS):
            raise UnknownProvider(self.provider, ("auto", *PROVIDERS))

    def image(self, service: str) -> str:
        """Return the image of "postgres" or "redis", if it comes out of a container; empty: it does not."""
        given = self.postgres_url if service == "postgres" else self.redis_url
        if given is not None or self.provider != "docker":
            return ""
        return (self.postgres if service == "postgres" else self.redis).image_for(service)

    @property
    def order(self) -> Sequence[str]:
        """The providers to try, first to last."""
        return PROVIDERS if self.provider == "auto" else (self.provider,)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one service, and why the providers before it were not."""

    service: str
    provider: str
    version: str
    refused: tuple[tuple[str, str], ...] = ()
    image: str = ""

    def __str__(self) -> str:
        """Say it in a few words, for a header line."""
        reasons = ", ".join(f"{provider}: {reason}" for provider, reason in self.refused)
        provider = f"{self.provider}, {self.image}" if self.image else self.provider
        return f"{self.version} ({provider})" + (f" [not {reasons}]" if reasons else "")


def to_wire(value: Endpoint | ServiceOptions | Choice) -> dict[str, Any]:
    """Return `value` as JSON can carry it, its password included: only for the keeper's own socket."""
    return asdict(value)


def endpoint_from(raw: Mapping[str, Any]) -> Endpoint:
    """Return the endpoint that `to_wire` made."""
    return Endpoint(**{each.name: raw[each.name] for each in fields(Endpoint)})


def options_from(raw: Mapping[str, Any]) -> ServiceOptions:
    """Return the options that `to_wire` made."""
    plain = {each.name: raw[each.name] for each in fields(ServiceOptions)}
    return ServiceOptions(**plain | {name: Container.of(raw[name]) for name in ("postgres", "redis")})


def choice_from(raw: Mapping[str, Any]) -> Choice:
    """Return the choice that `to_wire` made."""
    refused = tuple((str(provider), str(reason)) for provider, reason in raw["refused"])
    return Choice(raw["service"], raw["provider"], raw["version"], refused, raw["image"])
