"""Settings, from the environment alone.

What the application cannot run without has no default: a wrong database or a well-known secret is worse than
an instance which refuses to start.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

MIN_SECRET_LENGTH = 32
AUTH_ISSUER = "auth"
REQUIRED = (
    "DATABASE_URL",
    "REDIS_URL",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
    "JWT_SECRET",
    "CORS_ORIGINS",
)
SCHEMES = {
    "DATABASE_URL": ("postgresql+asyncpg://",),
    "REDIS_URL": ("redis://", "rediss://", "unix://"),
    "OPENAI_BASE_URL": ("http://", "https://"),
    "ANALYTICS_URL": ("http://", "https://"),
    "AUTH_URL": ("http://", "https://"),
}
SECONDS = {
    "ACCESS_TOKEN_SECONDS": 3600.0,
    "HEARTBEAT_SECONDS": 15.0,
    "HEARTBEAT_TIMEOUT_SECONDS": 45.0,
    "OPENAI_TIMEOUT_SECONDS": 20.0,
    "STARTUP_RETRY_SECONDS": 4.0,
}
COUNTS = {
    "DATABASE_POOL_SIZE": 5,
    "KEPT_FRAMES": 100,
    "MAX_CONNECTIONS_FREE": 5,
    "MAX_CONNECTIONS_PRO": 10,
    "MESSAGES_PER_MINUTE_FREE": 30,
    "MESSAGES_PER_MINUTE_PRO": 120,
    "RATE_LIMIT_PER_MINUTE": 300,
    "RECONNECTS_PER_WINDOW": 30,
}
FLAGS = {"true": True, "false": False, "": False}


class SettingsError(ValueError):
    """The environment cannot be used; `mistakes` has one sentence for each thing that is wrong."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistakes))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from one deployment to the next. Secrets are kept out of the `repr`."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    openai_base_url: str
    openai_api_key: str = field(repr=False)
    openai_model: str
    jwt_secret: str = field(repr=False)
    cors_origins: tuple[str, ...]
    analytics_url: str | None
    analytics_required: bool
    auth_url: str | None
    auth_issuer: str
    pro_voucher: str | None = field(repr=False)
    database_pool_size: int
    kept_frames: int
    max_connections_free: int
    max_connections_pro: int
    messages_per_minute_free: int
    messages_per_minute_pro: int
    rate_limit_per_minute: int
    reconnects_per_window: int
    access_token_seconds: float
    heartbeat_seconds: float
    heartbeat_timeout_seconds: float
    openai_timeout_seconds: float
    startup_retry_seconds: float

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every variable. Raises `SettingsError` with all mistakes at once."""
        mistakes = [*_missing(environ), *_malformed(environ)]
        if mistakes:
            raise SettingsError(mistakes)
        return cls(
            database_url=environ["DATABASE_URL"],
            redis_url=environ["REDIS_URL"],
            openai_base_url=environ["OPENAI_BASE_URL"],
            openai_api_key=environ["OPENAI_API_KEY"],
            openai_model=environ["OPENAI_MODEL"],
            jwt_secret=environ["JWT_SECRET"],
            cors_origins=tuple(origin.strip() for origin in environ["CORS_ORIGINS"].split(",")),
            analytics_url=environ.get("ANALYTICS_URL") or None,
            analytics_required=FLAGS[environ.get("ANALYTICS_REQUIRED", "")],
            auth_url=environ.get("AUTH_URL") or None,
            auth_issuer=environ.get("AUTH_ISSUER") or AUTH_ISSUER,
            pro_voucher=environ.get("PRO_VOUCHER") or None,
            **_read(environ, COUNTS, int),
            **_read(environ, SECONDS, float),
        )


def _read(environ: Mapping[str, str], defaults: Mapping[str, float], read: Callable[[str], float]) -> dict[str, Any]:
    """Return numbers by the names of the fields which they are for."""
    return {name.lower(): read(environ.get(name) or str(default)) for name, default in defaults.items()}


def _missing(environ: Mapping[str, str]) -> list[str]:
    return [f"the environment variable {name} is not set" for name in REQUIRED if not environ.get(name)]


def _malformed(environ: Mapping[str, str]) -> list[str]:
    mistakes = [
        f"{name} must begin with {' or '.join(schemes)}"
        for name, schemes in SCHEMES.items()
        if environ.get(name) and not environ[name].startswith(schemes)
    ]
    mistakes += [
        f"{name} must be a {what} above 0, not {environ[name]!r}"
        for names, what, read in ((SECONDS, "number", float), (COUNTS, "whole number", int))
        for name in names
        if environ.get(name) and not _is_positive(environ[name], read)
    ]
    if environ.get("ANALYTICS_REQUIRED", "") not in FLAGS:
        mistakes.append(f"ANALYTICS_REQUIRED must be true or false, not {environ['ANALYTICS_REQUIRED']!r}")
    if 0 < len(environ.get("JWT_SECRET", "")) < MIN_SECRET_LENGTH:
        mistakes.append(f"JWT_SECRET must have at least {MIN_SECRET_LENGTH} characters")
    return mistakes


def _is_positive(value: str, read: Callable[[str], float]) -> bool:
    try:
        return 0 < read(value) < math.inf
    except ValueError:
        return False
