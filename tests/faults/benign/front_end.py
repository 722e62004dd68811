"""The page of the front end is at every path that nothing else answers; health is known by what it says."""

from faults.catch_all import app

__all__ = ["app"]
