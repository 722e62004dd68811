"""Frames of WebSockets byte by byte (RFC 6455, 5.2): also those which no library would send."""

from __future__ import annotations

import secrets

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9
FINAL, MASKED = 0x80, 0x80
SHORT, MEDIUM = 125, 0xFFFF


def frame(opcode: int, data: bytes = b"", *, final: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """Return a frame; `reserved` are its three reserved bits, and a client's must be `masked`."""
    first = (FINAL if final else 0) | reserved << 4 | opcode
    mask = secrets.token_bytes(4) if masked else b""
    head = bytes([first]) + _length(len(data), MASKED if masked else 0) + mask
    return head + (_masked(data, mask) if masked else data)


def close(code: int, reason: bytes = b"") -> bytes:
    """Return a frame which closes the socket with this code."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


def _length(length: int, mask: int) -> bytes:
    if length <= SHORT:
        return bytes([mask | length])
    if length <= MEDIUM:
        return bytes([mask | 126]) + length.to_bytes(2, "big")
    return bytes([mask | 127]) + length.to_bytes(8, "big")


def _masked(data: bytes, mask: bytes) -> bytes:
    """Return the data xor the mask, over and over: as one number, which is quick for megabytes."""
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")
