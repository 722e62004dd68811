"""Settings, from the environment alone; what must not be guessed has no default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

MIN_KEY_LENGTH = 32
REQUIRED = ("DATABASE_PATH", "OPERATOR_KEY", "ISSUER", "AUDIENCE")
TOKEN_SECONDS = 600.0


class SettingsError(ValueError):
    """The environment cannot be used; `mistakes` has one sentence for each thing that is wrong."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistakes))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from one deployment to the next. The operator's key is kept out of the `repr`."""

    database_path: str
    operator_key: str = field(repr=False)
    issuer: str
    audience: str
    token_seconds: float
    cors_origins: tuple[str, ...] = ()

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every variable. Raises `SettingsError` with all mistakes at once."""
        mistakes = [f"the environment variable {name} is not set" for name in REQUIRED if not environ.get(name)]
        if 0 < len(environ.get("OPERATOR_KEY", "")) < MIN_KEY_LENGTH:
            mistakes.append(f"OPERATOR_KEY must have at least {MIN_KEY_LENGTH} characters")
        seconds = _positive(environ.get("TOKEN_SECONDS") or str(TOKEN_SECONDS))
        if seconds is None:
            mistakes.append(f"TOKEN_SECONDS must be a number above 0, not {environ['TOKEN_SECONDS']!r}")
        if mistakes or seconds is None:
            raise SettingsError(mistakes)
        path, key, issuer, audience = (environ[name] for name in REQUIRED)
        origins = tuple(each.strip() for each in environ.get("CORS_ORIGINS", "").split(",") if each.strip())
        return cls(path, key, issuer, audience, seconds, origins)


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
