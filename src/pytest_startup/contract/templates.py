"""Templates: how the address of a service reaches the application.

`{postgres.url}`, `{postgres.url:postgresql+asyncpg}`, `{redis.port}`, `{secret.jwt}`, `{port}`;
`{{` and `}}` are literal braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from pytest_startup.contract.mistakes import ContractError, Mistake

BARE = ("host", "port", "python", "root")
"""Templates without a dot: the application's own address, its interpreter, the directory of the contract."""

LITERAL = "write {{ and }} for literal braces"
"""The way out when no template was meant."""

SECRET = "secret"  # noqa: S105 - the word of the template language, not a password
RESERVED = (*BARE, SECRET)
"""Names which no service may have, since they mean something else in a template."""

_FIELDS = {
    "postgres": ("url", "host", "port", "user", "password", "database"),
    "redis": ("url", "host", "port", "database", "password"),
    "llm": ("url", "host", "port", "key"),
}
_OTHER = ("url", "host", "port")
_SCHEMES = {"postgres": "postgresql", "redis": "redis"}
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_REFERENCE = re.compile(r"([A-Za-z_][\w-]*)(?:\.([A-Za-z_][\w-]*))?(?::([A-Za-z][A-Za-z0-9+.-]*))?", re.ASCII)


class TemplateError(ValueError):
    """A text is not a template; `fragment` is the part which is wrong."""

    def __init__(self, fragment: str, problem: str, fix: str) -> None:
        """Name the `fragment`, its `problem` and the `fix`."""
        super().__init__(fragment, problem, fix)
        self.fragment = fragment
        self.problem = problem
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Reference:
    """`{owner}`, `{owner.name}` or `{owner.url:scheme}`."""

    owner: str
    name: str = ""
    scheme: str = ""

    def __str__(self) -> str:
        """Return the template as it is written."""
        name = f".{self.name}" if self.name else ""
        scheme = f":{self.scheme}" if self.scheme else ""
        return f"{{{self.owner}{name}{scheme}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service listens, and what it asks for; `protocol` decides the form of its URL."""

    protocol: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    key: str = field(default="", repr=False)

    def url(self, scheme: str = "") -> str:
        """Return the URL, with `scheme` in place of the usual one of the protocol."""
        if not scheme:
            scheme = _SCHEMES.get(self.protocol, "http")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{self._login()}{host}:{self.port}{self._path()}"

    def part(self, name: str, scheme: str = "") -> str:
        """Return one part by its name in a template; raises `KeyError` for one that it does not have."""
        if name not in fields_of(self.protocol):
            raise KeyError(name)
        return self.url(scheme) if name == "url" else str(getattr(self, name))

    def _login(self) -> str:
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        if password:
            return f"{user}:{password}@"
        return f"{user}@" if user else ""

    def _path(self) -> str:
        if self.protocol == "llm":
            return "/v1"
        return f"/{quote(self.database, safe='')}" if self.database else ""


Values = Mapping[str, "str | Address | Mapping[str, str]"]
"""What templates stand for: `host` -> text, a service -> its `Address`, `secret` -> its texts by name."""


def fields_of(protocol: str) -> tuple[str, ...]:
    """Return the fields that a service of this protocol has in a template."""
    return _FIELDS.get(protocol, _OTHER)


@lru_cache(maxsize=1024)
def segments(text: str) -> tuple[str | Reference, ...]:
    """Return literal texts and references, in their order; raises `TemplateError`."""
    return tuple(_segment(token) for token in _TOKEN.finditer(text))


def references(text: str) -> Iterator[Reference]:
    """Yield what `text` refers to; raises `TemplateError`."""
    return (segment for segment in segments(text) if isinstance(segment, Reference))


def expand(text: str, values: Values) -> str:
    """Return `text` with every template replaced; raises `ContractError` for one which stands for nothing."""
    try:
        return "".join(part if isinstance(part, str) else _value(part, values) for part in segments(text))
    except TemplateError as error:
        mistake = Mistake(source="", line=None, key=error.fragment, problem=error.problem, fix=error.fix)
        raise ContractError([mistake]) from None


def escape(text: str) -> str:
    """Return `text` as a template which expands to itself."""
    return text.replace("{", "{{").replace("}", "}}")


def _segment(token: re.Match[str]) -> str | Reference:
    whole = token[0]
    if whole in {"{{", "}}"}:
        return whole[0]
    if not whole.startswith(("{", "}")):
        return whole
    parts = _REFERENCE.fullmatch(token[1] or "")
    if parts is None:
        raise TemplateError(whole, "is not a template such as {postgres.url} or {port}", LITERAL)
    reference = Reference(parts[1], parts[2] or "", parts[3] or "")
    if reference.scheme and reference.name != "url":
        raise TemplateError(whole, "has a scheme, which only a url can have", "remove the scheme")
    return reference


def _value(reference: Reference, values: Values) -> str:
    value = values.get(reference.owner)
    try:
        if isinstance(value, Address):
            return value.part(reference.name, reference.scheme)
        if isinstance(value, Mapping) and not reference.scheme:
            return value[reference.name]
    except KeyError:
        pass
    if isinstance(value, str) and not reference.name:
        return value
    raise TemplateError(str(reference), "is a template which stands for nothing here", LITERAL)
