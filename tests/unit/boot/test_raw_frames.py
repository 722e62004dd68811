"""Frames byte by byte, as another implementation of the protocol reads them."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from pytest_startup.boot import raw_frames


def read(data: bytes, *, mask: bool = True) -> Frame:
    """Return what the library makes of the bytes of one frame."""
    stream = StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    parsing = Frame.parse(stream.read_exact, mask=mask)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    frame: Frame = done.value.value
    return frame


@pytest.mark.parametrize("length", [0, 1, 3, 4, 125, 126, 127, 65_535, 65_536, 100_003])
def test_length(length: int):
    """A frame of any length holds what was put in, masked."""
    data = bytes(range(256)) * (length // 256 + 1)
    assert Frame(Opcode.BINARY, data[:length]) == read(raw_frames.frame(raw_frames.BINARY, data[:length]))


def test_fragment():
    """A fragment is not final."""
    assert Frame(Opcode.TEXT, b"a", fin=False) == read(raw_frames.frame(raw_frames.TEXT, b"a", final=False))


def test_reserved_bits():
    """The reserved bits are where they belong."""
    frame = raw_frames.frame(raw_frames.TEXT, b"a", reserved=0b101)
    assert 0b1101_0001 == frame[0]


def test_unmasked():
    """A frame without a mask is as a server's."""
    assert Frame(Opcode.TEXT, b"a") == read(raw_frames.frame(raw_frames.TEXT, b"a", masked=False), mask=False)


def test_close():
    """A close frame holds its code and its reason."""
    assert Frame(Opcode.CLOSE, b"\x03\xe8why") == read(raw_frames.close(1000, b"why"))
