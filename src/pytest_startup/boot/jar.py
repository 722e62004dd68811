"""The cookies of one walk (RFC 6265): whose they are is told by the host alone, whatever the port or the path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pytest_startup.boot.outgoing import Answer


class Jar:
    """Keeps what answers set, and gives it back as a header."""

    def __init__(self) -> None:
        """Begin without any."""
        self._hosts: dict[str, dict[str, str]] = {}

    def keep(self, url: str, answer: Answer) -> None:
        """Keep what the answer from a URL sets; drop what it takes back."""
        for name, text in answer.headers:
            if name.lower() == "set-cookie":
                pair, *attributes = text.split(";")
                key, equals, value = pair.partition("=")
                if equals and key.strip():  # as they are: the server knows what it has written (RFC 6265, 5.2)
                    there = self._hosts.setdefault(_host(url), {})
                    there[key.strip()] = value.strip()
                    if _is_over(attributes):
                        del there[key.strip()]

    def header(self, url: str, instead: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Return the header with the cookies for a URL; empty when there are none.

        Those which `instead` names have another value, or are left out (None).
        """
        changed = {**self.at(url), **(instead or {})}
        kept = {name: value for name, value in changed.items() if value is not None}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}

    def at(self, url: str) -> Mapping[str, str]:
        """Return the cookies for a URL."""
        return self._hosts.get(_host(url), {})

    def find(self, name: str) -> str | None:
        """Return the cookie of this name that some host has given; None where none has."""
        return next((there[name] for there in self._hosts.values() if name in there), None)

    def values(self) -> Iterator[str]:
        """Yield every value, as it is and without its quotes."""
        for there in self._hosts.values():
            for value in there.values():
                yield from (value, value.strip('"'))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_over(attributes: list[str]) -> bool:
    """Whether a cookie is taken back: its age is nothing, else its end is past (RFC 6265, 5.3)."""
    told = {name.strip().lower(): value.strip() for name, _, value in (each.partition("=") for each in attributes)}
    with suppress(ValueError):
        if "max-age" in told:
            return int(told["max-age"]) <= 0
        if "expires" in told:
            end = parsedate_to_datetime(told["expires"])
            return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= datetime.now(UTC)
    return False
