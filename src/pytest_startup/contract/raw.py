"""Raw TOML taken leniently: what is not of the wanted sort is nothing; its mistake is noted elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Raw = Mapping[str, object]


def table(value: object) -> dict[str, object]:
    """Return `value` if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterator[tuple[int, object]]:
    """Yield index and item of an array, nothing for anything else."""
    return enumerate(value) if isinstance(value, list) else iter(())


def texts(value: object) -> tuple[str, ...]:
    """Return a text alone, or the texts of an array."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for _, item in items(value) if isinstance(item, str))
