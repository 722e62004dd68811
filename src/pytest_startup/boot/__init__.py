"""The I/O engines of a boot: start, watch, ask, stop; what they see goes into a trace."""

from pytest_startup.boot.boot import Boot
from pytest_startup.boot.course import record

__all__ = ["Boot", "record"]
