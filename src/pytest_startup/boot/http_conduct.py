"""A service over HTTP which answers every request by the same refusal: what a model says when it is asked too much."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from pytest_startup.boot.conduct import CHUNK, Conduct, Link
from pytest_startup.clock import now

LONGEST = 1 << 22
"""Bytes of a request that are read at most."""

_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Refusing(Conduct):
    """Reads one request and answers it by `status`, as OpenAI words its errors; then the connection ends."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)

    async def treat(self, link: Link) -> None:
        """Answer, once the whole request is there."""
        if not await _request(link.reader):
            return
        link.felt()
        error = {"message": self.reason, "type": "server_error", "param": None, "code": str(self.status)}
        body = json.dumps({"error": error}).encode()
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"{name}: {value}" for name, value in {**told, **self.headers}.items()]
        head = "\r\n".join([f"HTTP/1.1 {self.status} {self.reason}", *lines, "", ""]).encode()
        await link.answer(head + body)


@dataclass(frozen=True, slots=True)
class BreakingOff(Conduct):
    """The first answer ends in its middle, with a reset: head and half of what came with the beginning of the body."""

    async def treat(self, link: Link) -> None:
        """Forward until the body begins."""
        await link.forward(answers=partial(self._half, link))

    async def _half(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = b""
        while data := await reader.read(CHUNK):
            seen += data
            body = seen.partition(b"\r\n\r\n")[2]
            if body:
                await link.give(writer, data[: len(data) - (len(body) + 1) // 2])
                link.felt()
                raise ConnectionResetError
            await link.give(writer, data)


@dataclass(frozen=True, slots=True)
class Noting(Conduct):
    """Treats connections as another conduct does, and notes when each came: there is one for each attempt."""

    other: Conduct
    moments: list[float] = field(default_factory=list)

    async def treat(self, link: Link) -> None:
        """Note it, and let the other treat it."""
        self.moments.append(now())
        await self.other.treat(link)


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Read one request whole (RFC 9112); empty when the connection ends before."""
    data = b""
    while len(data) < LONGEST:
        head, end, body = data.partition(b"\r\n\r\n")
        if end and _whole(head, body):
            return data
        part = await reader.read(CHUNK)
        if not part:
            return b""
        data += part
    return data


def _whole(head: bytes, body: bytes) -> bool:
    length = _LENGTH.search(head)
    if _CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= (int(length[1]) if length is not None else 0)
