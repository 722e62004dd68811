"""`[launch]`: how the application is started."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Schema, Several
from pytest_startup.contract.reading import Spot, show
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.values import Command, Target, Url

ALWAYS_PASSED = (
    "HOME",
    "LANG",
    "LC_*",
    "LOGNAME",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
)
"""Names (shell patterns) of our environment which reach every application."""

NEVER_PASSED = "PYTEST"
"""Names which begin so never reach an application: it must not notice that it is tested."""

_VARIABLE = re.compile(r"[^=\0\s]+")


def _variable(name: str, value: object, spot: Spot) -> bool:
    if not _VARIABLE.fullmatch(name) or name.startswith(NEVER_PASSED):
        spot.wrong("is a name that no variable of the application can have", fix="remove it")
        return False
    if isinstance(value, int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        spot.wrong("must be a text", fix=f"write {spot.assignment(show(text))}")
        return False
    return leaves.TEMPLATE.read(value, spot) is not None


@dataclass(frozen=True, slots=True)
class Environment:
    """A table of environment variables. Values are never shown in a mistake.

    `good` tells whether a variable is allowed, and notes it when it is not; `never` matches the names which are not.
    The default is for an application: values may hold templates.
    """

    words: str = "a table of texts"
    example: str = '{ DATABASE_URL = "{postgres.url}" }'
    never: str = NEVER_PASSED
    good: Callable[[str, object, Spot], bool] = _variable

    def read(self, value: object, spot: Spot) -> dict[str, str] | None:
        """Return the variables, or None after noting every mistake."""
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        good = [self.good(name, item, spot / name) for name, item in value.items()]
        return dict(value) if all(good) else None

    def schema(self) -> Schema:
        """Return the JSON Schema of the table."""
        names = {"pattern": f"^(?!{self.never})[^=\\s]+$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}


START = (
    Option(Key("target", leaves.TARGET, "The ASGI application, `package.module:attribute`.")),
    Option(Key("factory", leaves.FACTORY, "A callable without arguments which returns the ASGI application.")),
    Option(Key("command", leaves.COMMAND, "A whole command which starts the server; templates allowed.")),
    Option(Key("url", leaves.URL, "An application which is already up: nothing is spawned.")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How the application is started. Paths are absolute when the contract came from a file."""

    app: Target | Command | Url = field(metadata=choice("of these keys", *START))
    directory: Path = field(default=Path(), metadata=key(leaves.PATH, "The working directory, relative to the file."))
    import_path: tuple[Path, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.PATH, "an array of paths"),
            "Directories put in front of the application's `sys.path`, relative to the file.",
        ),
    )
    interpreter: Path | None = field(
        default=None,
        metadata=key(
            leaves.PATH,
            "The application's own Python (3.9 or newer), relative to the file; without it, the one which runs pytest.",
        ),
    )
    pass_env: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.PASSED, "an array of names"),
            f"Variables of our environment which reach the application, beside {', '.join(ALWAYS_PASSED)}; "
            "`*` matches any text. `PYTEST*` never does.",
        ),
    )
    env: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(Environment(), "The application's own variables; templates allowed."),
    )
    lifespan: Literal["on", "off", "auto"] = field(
        default="on",
        metadata=key(
            leaves.word("on", "off", "auto"),
            "Whether the server runs the ASGI lifespan; `auto` swallows a failure in it.",
        ),
    )
    host: str = field(default="127.0.0.1", metadata=key(leaves.TEXT, "The address to listen on."))
    port: int = field(default=0, metadata=key(leaves.PORT, "The port to listen on; 0: a free one."))
    before: tuple[tuple[str, ...], ...] = field(
        default=(),
        metadata=key(
            Several(leaves.ARGV, "an array of commands, each an array of texts"),
            "Commands which run before each boot, in order; templates allowed.",
        ),
    )
    boot_timeout: float = field(
        default=30.0,
        metadata=key(
            leaves.SECONDS, "Seconds from the spawn until the boot is given up; sooner, where the layer's budget ends."
        ),
    )
    stop_timeout: float = field(default=10.0, metadata=key(leaves.SECONDS, "Seconds from SIGTERM until SIGKILL."))

    @property
    def has_own_ports(self) -> bool:
        """Whether several boots can be up at the same time: each on a port of its own."""
        return self.port == 0 and not isinstance(self.app, Url)

    def passed(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return what of `environment` reaches the application; `env` is not in it yet."""
        patterns = (*ALWAYS_PASSED, *self.pass_env)
        return {
            name: value
            for name, value in environment.items()
            if not name.startswith(NEVER_PASSED) and any(fnmatchcase(name, pattern) for pattern in patterns)
        }
