"""On which line of a TOML text each key stands; `tomllib` does not tell.

Only for texts that `tomllib` has accepted: nothing is validated here, and what is not understood has no line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \t\r]+|\#[^\n]*)
  | (?P<newline>\n)
  | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
  | (?P<mark>[\[\]{}=,.])
  | (?P<bare>[^\s\[\]{}=,."'\#]+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return key path -> line (from 1); indexes of arrays are part of a path."""
    try:
        return _Scanner(list(_tokens(text))).scan()
    except (IndexError, RecursionError):
        return {}


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "skip":
            yield _Token(kind, match[0], line)
        line += match[0].count("\n")
    yield _Token("newline", "\n", line)


@dataclass(slots=True)
class _Scanner:
    tokens: list[_Token]
    at: int = 0
    table: KeyPath = ()
    lengths: dict[KeyPath, int] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def scan(self) -> dict[KeyPath, int]:
        while self.at < len(self.tokens):
            if self._take("\n"):
                continue
            if self._take("["):
                self._header()
            else:
                self._pair(self.table)
        return self.lines

    def _header(self) -> None:
        line = self.tokens[self.at].line
        array = self._take("[")
        *parents, last = self._key()
        path = self._resolve((), parents)
        self._mark(path, line)
        path = (*path, last)
        if array:
            self.lines.setdefault(path, line)
            self.lengths[path] = self.lengths.get(path, -1) + 1
        self.table = self._last(path)
        self._mark(self.table, line)
        while not self._take("\n"):
            self.at += 1

    def _pair(self, base: KeyPath) -> None:
        line = self.tokens[self.at].line
        path = base
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._value(path)

    def _key(self) -> list[str]:
        parts = [_plain(self._next())]
        while self._take("."):
            parts.append(_plain(self._next()))
        return parts

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._items(path)
        elif self._take("{"):
            self._pairs(path)
        else:
            while self.tokens[self.at].text not in {",", "]", "}", "\n"}:
                self.at += 1

    def _items(self, path: KeyPath) -> None:
        index = 0
        while not self._take("]"):
            if self._take("\n") or self._take(","):
                continue
            self.lines[*path, index] = self.tokens[self.at].line
            self._value((*path, index))
            index += 1

    def _pairs(self, path: KeyPath) -> None:
        while not self._take("}"):
            if not self._take("\n") and not self._take(","):
                self._pair(path)

    def _resolve(self, path: KeyPath, parts: list[str]) -> KeyPath:
        for part in parts:
            path = self._last((*path, part))
        return path

    def _last(self, path: KeyPath) -> KeyPath:
        return (*path, self.lengths[path]) if path in self.lengths else path

    def _mark(self, path: KeyPath, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def _take(self, text: str) -> bool:
        found = self.tokens[self.at].text == text
        self.at += found
        return found

    def _next(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]


def _plain(token: _Token) -> str:
    """Return a key without its quotes and escapes."""
    if token.kind != "string":
        return token.text
    return str(tomllib.loads(f"key = {token.text}")["key"])
