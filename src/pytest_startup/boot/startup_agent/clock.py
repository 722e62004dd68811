"""The real clock, as it was before anybody moved the time of the application; events are stamped by it."""

from time import monotonic as now

__all__ = ["now"]
