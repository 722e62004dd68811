"""The options: one table makes the command line, the ini, the environment, the validation, `--help` and the README.

Every run pays for importing this module: so no dataclass, and no pattern compiled before it is needed.
Precedence: command line, environment, ini, default. `python -m pytest_startup.options` prints the table of the README.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pytest

PROVIDERS = ("auto", "external", "embedded", "native", "docker")
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off", "")
_ATTRIBUTE = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_CREDENTIALS = r"//[^/@\s]*@"


class Mistake(ValueError):
    """A value is not allowed; the message says what is, and the fix."""


class Source(NamedTuple):
    """Where a value came from: its name there, and the directory to which its paths are relative."""

    name: str
    base: Path


# -- the types: text in, value out, `Mistake` when it is none ------------------------------------------------------


def flag(text: str, _base: Path) -> bool:
    """Parse yes or no."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    msg = f"is neither yes nor no; allowed are {', '.join(_YES)} and {', '.join(filter(None, _NO))}"
    raise Mistake(msg)


def existing(text: str, base: Path) -> Path:
    """Parse the path of a file which has to be there."""
    path = base / Path(text).expanduser()
    if not path.is_file():
        msg = f"is no file (looked at {path}); give the path of one that exists"
        raise Mistake(msg)
    return path


def writable(text: str, base: Path) -> Path:
    """Parse a path which will be written; its directory is made when it is needed."""
    if not text:
        msg = "is empty; give a path"
        raise Mistake(msg)
    return base / Path(text).expanduser()


def target(text: str, _base: Path) -> str:
    """Parse `module:attribute`, or the URL of an application that is already up."""
    if re.match(r"https?://[^/]", text):
        return text
    module, colon, attribute = text.partition(":")
    if not (colon and re.fullmatch(_ATTRIBUTE, module) and re.fullmatch(_ATTRIBUTE, attribute)):
        msg = "is neither `module:attribute` nor an http(s) URL; write it like main:app"
        raise Mistake(msg)
    return text


def count(text: str, _base: Path) -> int:
    """Parse a whole number, 1 or more: a run in which nothing was judged never passes."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        msg = "is not a whole number; give 1 or more"
        raise Mistake(msg)
    return int(text)


def seeds(text: str, _base: Path) -> tuple[int, ...]:
    """Parse whole numbers with commas between them; each is an order of its own."""
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", text):
        msg = "is not a list of whole numbers; write it like 1,2,3"
        raise Mistake(msg)
    return tuple(dict.fromkeys(map(int, text.split(","))))


def provider(text: str, _base: Path) -> str:
    """Parse the name of a provider."""
    if text not in PROVIDERS:
        msg = f"is no provider; allowed are {', '.join(PROVIDERS)}"
        raise Mistake(msg)
    return text


def postgres_url(text: str, _base: Path) -> str:
    """Parse the URL of a Postgres server."""
    return _url(text, ("postgresql", "postgres"), "postgresql://user:password@127.0.0.1:5432/postgres")


def redis_url(text: str, _base: Path) -> str:
    """Parse the URL of a Redis or Valkey server."""
    return _url(text, ("redis", "valkey"), "redis://127.0.0.1:6379/0")


def _url(text: str, schemes: tuple[str, ...], example: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in schemes or not rest.strip("/"):
        msg = f"is not the URL of such a server; write it like {example}"
        raise Mistake(msg)
    return text


def image(text: str, _base: Path) -> str:
    """Parse the name of an image."""
    if not re.fullmatch(r"[a-z0-9][A-Za-z0-9._/:@-]*", text):
        msg = "is not the name of an image; write it like registry.example.com/postgres:17"
        raise Mistake(msg)
    return text


# -- the table -----------------------------------------------------------------------------------------------------


class Option(NamedTuple):
    """One option. `default` is None where another part decides; `metavar` is empty for a flag."""

    name: str
    metavar: str
    parse: Callable[[str, Path], Any]
    default: Any
    help: str

    @property
    def flag(self) -> str:
        """Its spelling on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def ini(self) -> str:
        """Its key in the ini."""
        return self.name if self.name.startswith("startup") else f"startup_{self.name}"

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"PYTEST_{self.ini.upper()}"


TABLE = (
    Option("real_services", "", flag, None, "run the layer which needs real services too (marker real_services)"),
    Option("startup", "", flag, None, "run the shipped suites, whatever else is selected"),
    Option("startup_contract", "PATH", existing, None, "the contract (default: startup.toml, or pyproject.toml)"),
    Option("startup_target", "APP", target, None, "module:attribute or a URL, where there is no contract"),
    Option("startup_trace", "FILE", existing, None, "judge a saved trace again and boot nothing"),
    Option("startup_save", "DIR", writable, None, "where traces are saved (default: pytest's cache)"),
    Option("startup_json", "FILE", writable, None, "write the result of the run as JSON"),
    Option("startup_min_checks", "N", count, 1, "fail when fewer checks than N were executed"),
    Option("startup_record_baseline", "", flag, None, "keep how long startups take in the file startup.baseline"),
    Option("startup_seeds", "N,N", seeds, (1, 2, 3), "the orders of the event loop in which phases must keep theirs"),
    Option("startup_chaos", "N,N", seeds, (1, 2), "the schedules by which services falter during the start"),
    Option("startup_provider", "NAME", provider, None, f"where services come from: {', '.join(PROVIDERS)}"),
    Option("startup_postgres_url", "URL", postgres_url, None, "a Postgres that is already there"),
    Option("startup_redis_url", "URL", redis_url, None, "a Redis or Valkey that is already there"),
    Option("startup_postgres_image", "IMAGE", image, None, "what Postgres runs in, out of a container"),
    Option("startup_redis_image", "IMAGE", image, None, "what Redis runs in, out of a container; Valkey will do"),
)


class Options(NamedTuple):
    """The values of one run; None where nobody said anything and another part decides."""

    real_services: bool = False
    startup: bool = False
    startup_contract: Path | None = None
    startup_target: str | None = None
    startup_trace: Path | None = None
    startup_save: Path | None = None
    startup_json: Path | None = None
    startup_min_checks: int = 1
    startup_record_baseline: bool = False
    startup_seeds: tuple[int, ...] = (1, 2, 3)
    startup_chaos: tuple[int, ...] = (1, 2)
    startup_provider: str | None = None
    startup_postgres_url: str | None = None
    startup_redis_url: str | None = None
    startup_postgres_image: str | None = None
    startup_redis_image: str | None = None

    @property
    def provider(self) -> str:
        """Where services come from that no URL names: real ones out of containers, unless chosen otherwise by name."""
        if self.startup_provider is not None:
            return self.startup_provider
        return "docker" if self.real_services else "auto"


def register(parser: pytest.Parser) -> None:
    """Enter the table into pytest's command line and ini."""
    group = parser.getgroup("startup", "cold boot and readiness (pytest-startup)")
    for option in TABLE:
        text = f"{option.help} [{option.variable}]"
        if option.metavar:
            group.addoption(option.flag, dest=option.name, metavar=option.metavar, default=None, help=text)
        else:
            group.addoption(option.flag, dest=option.name, action="store_const", const="yes", default=None, help=text)
        kind: Literal["string", "bool"] = "string" if option.metavar else "bool"
        parser.addini(option.ini, option.help, type=kind, default=None)


def read(config: pytest.Config) -> Options:
    """Return the values of this run; raise `pytest.UsageError` with every mistake at once."""
    import pytest  # noqa: PLC0415 (so that the table can be printed without pytest)

    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for option in TABLE:
        try:
            values[option.name] = _value(option, config)
        except Mistake as mistake:
            mistakes.append(str(mistake))
    if values.get("startup_contract") is not None and values.get("startup_target") is not None:
        mistakes.append("--startup-contract and --startup-target exclude each other; the target stands in a contract")
    if mistakes:
        raise pytest.UsageError("\n".join(mistakes))
    return Options(**{name: value for name, value in values.items() if value is not None})


def _value(option: Option, config: pytest.Config) -> object:
    for text, source in _said(option, config):
        if text is None:
            continue
        try:
            return option.parse(str(text), source.base)
        except Mistake as mistake:
            msg = f"{source.name} {_masked(str(text))!r} {mistake}"
            raise Mistake(msg) from None
    return option.default


def _said(option: Option, config: pytest.Config) -> list[tuple[object, Source]]:
    here = config.invocation_params.dir
    ini = config.inipath.parent if config.inipath is not None else config.rootpath
    return [
        (config.getoption(option.name, None), Source(option.flag, here)),
        (os.environ.get(option.variable), Source(option.variable, here)),
        (_ini(option, config), Source(option.ini, ini)),
    ]


def _ini(option: Option, config: pytest.Config) -> object:
    try:
        return config.getini(option.ini)
    except (TypeError, ValueError) as error:
        msg = f"{option.ini}: {error}"
        raise Mistake(msg) from None


def _masked(text: str) -> str:
    return re.sub(_CREDENTIALS, "//***@", text)


def readme() -> str:
    """Return the table of the README."""
    rows = ["| option | environment, ini | default | |", "|---|---|---|---|"]
    for option in TABLE:
        spelling = f"{option.flag} {option.metavar}".rstrip()
        default = "" if option.default is None else f"`{_written(option.default)}`"
        rows.append(f"| `{spelling}` | `{option.variable}`, `{option.ini}` | {default} | {option.help} |")
    return "\n".join(rows)


def _written(value: object) -> str:
    """Return a value as one would write it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    print(readme())  # noqa: T201 (that is what it is for)
