"""What can go wrong with services, beyond one provider that cannot give one service.

ServiceError
├── KeeperLost          the process that keeps the services cannot be started, or is gone
├── UnknownProvider     an option names a provider that does not exist
├── TemplateFailed      the template database could not be prepared; told to everyone who waits for it
└── ServerEnded         a server ended while it was waited for; becomes the reason of a ServiceUnavailable

Every class hands its fields to `Exception.args` as they are: that is how an error travels from the keeper to us.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_startup.errors import ServiceError


class KeeperLost(ServiceError):
    """The keeper of this run cannot be started, or is gone."""

    def __init__(self, what: str, last_words: str) -> None:
        """Say `what` was tried, and the keeper's `last_words`, if any."""
        super().__init__(what, last_words)
        self.what = what
        self.last_words = last_words

    def __str__(self) -> str:
        """Say it in one line, or with the end of the keeper's log."""
        words = f"; its last words:\n{self.last_words}" if self.last_words else ""
        return f"{self.what}: the process that keeps the services is not there{words}"


class UnknownProvider(ServiceError):
    """An option names a provider that does not exist."""

    def __init__(self, value: str, allowed: Sequence[str]) -> None:
        """Name the `value` and what is `allowed`."""
        super().__init__(value, list(allowed))
        self.value = value
        self.allowed = tuple(allowed)

    def __str__(self) -> str:
        """Name the value, what is allowed, and the nearest name."""
        import difflib  # noqa: PLC0415  # only for this message

        near = difflib.get_close_matches(self.value, self.allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"provider of services {self.value!r} is not known; allowed: {', '.join(self.allowed)}{hint}"


class TemplateFailed(ServiceError):
    """The template database could not be prepared."""

    def __init__(self, key: str, reason: str) -> None:
        """Name the template's `key` and the `reason`."""
        super().__init__(key, reason)
        self.key = key
        self.reason = reason

    def __str__(self) -> str:
        """Say it in one line."""
        return f"template database {self.key!r} could not be prepared: {self.reason}"


class ServerEnded(ServiceError):
    """A server ended while it was waited for."""

    def __init__(self, name: str, code: int, last_words: str) -> None:
        """Name the server, its exit `code` (negative: the signal), and the last lines of its log."""
        super().__init__(name, code, last_words)
        self.name = name
        self.code = code
        self.last_words = last_words

    def __str__(self) -> str:
        """Say it with the end of the server's log."""
        return f"{self.name} ended with code {self.code} while starting; its log ends with:\n{self.last_words}"
