"""Lines of styled text, and the glyphs to draw with: what the terminal prints, without a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Style = Literal["", "strong", "dim", "good", "bad", "careful", "bar", "other"]


class Span(NamedTuple):
    """Text in one style."""

    text: str
    style: Style = ""


Line = Sequence[Span]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What bars and marks are drawn with; `parts` fill a cell in equal steps, the last one fills it."""

    parts: str
    point: str
    passed: str
    failed: str
    arrow: str
    dot: str
    axis: str
    tick: str


UNICODE = Glyphs(
    parts="▏▎▍▌▋▊▉█", point="▏", passed="✓", failed="✗", arrow="→", dot="·", axis="─", tick="┬"
)  # fmt: skip
ASCII = Glyphs(parts="#", point="|", passed="+", failed="x", arrow="->", dot="-", axis="-", tick="+")


def glyphs_for(encoding: str | None) -> Glyphs:
    """Return the glyphs which an encoding can write."""
    try:
        f"{UNICODE.parts}{UNICODE.passed}{UNICODE.failed}{UNICODE.arrow}{UNICODE.tick}".encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


def plain(line: Line) -> str:
    """Return a line without its styles."""
    return "".join(span.text for span in line)


def wrapped(head: Span, items: Iterable[Sequence[Span]], *, indent: int, width: int, between: str = "  ") -> list[Line]:
    """Return `head`, padded to `indent`, and the items behind it, as many on a line as fit."""
    lines: list[list[Span]] = [[Span(head.text.ljust(indent), head.style)]]
    used = indent
    for item in items:
        size = sum(len(span.text) for span in item)
        if used > indent and used + len(between) + size > width:
            lines[-1].append(Span(between.rstrip(), "dim"))
            lines.append([Span(" " * indent)])
            used = indent
        elif used > indent:
            lines[-1].append(Span(between, "dim"))
            used += len(between)
        lines[-1].extend(item)
        used += size
    return list(lines)


def seconds(value: float) -> str:
    """Return a duration in at most 7 characters."""
    if value < 0.0995:  # noqa: PLR2004 (below, milliseconds say more)
        return f"{value * 1000:.{1 if value < 0.00995 else 0}f} ms"  # noqa: PLR2004 (as above)
    return f"{value:.2f} s" if value < 99.995 else f"{value:.0f} s"  # noqa: PLR2004 (as above)
