"""The server listens only once the startup is complete, so the application itself keeps nobody out."""

from faults.mission.gate_forgotten import app

__all__ = ["app"]
