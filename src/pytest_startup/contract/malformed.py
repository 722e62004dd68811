"""Frames as they must not be, or seldom are (RFC 6455), and how a connection may end: the names, which are tests."""

from __future__ import annotations

ENDS = ("close-1000", "close-1001", "close-without-code", "fin", "reset", "in-mid-frame")
"""How a connection ends: by a close frame with a code or without, without one, and in the middle of a frame."""

KINDS = (
    "invalid-utf8",
    "reserved-bit",
    "reserved-opcode",
    "unmasked",
    "ping-too-long",
    "ping-in-fragments",
    "continuation-of-nothing",
    "message-within-message",
    "ping-within-message",
    "many-fragments",
    "oversized",
    "half-a-frame",
    "close-999",
    "close-1005",
    "close-1006",
    "close-5000",
    "close-of-one-byte",
    "close-reason-invalid-utf8",
)
"""What is sent; `GOOD` of them are unusual, and right."""

GOOD = ("ping-within-message", "many-fragments")
"""What must be understood (RFC 6455, 5.4)."""

UNFINISHED = ("half-a-frame",)
"""What is not there yet, so that nothing must answer it: it must disturb nobody else."""
