"""A secret was taken out of the environment as it was read: whoever read the settings a second time found none."""

import os

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

load = startup.Settings.from_env


class Settings:
    """Settings which leave no secret behind."""

    @staticmethod
    def from_env(environ: os._Environ[str]) -> startup.Settings:
        """Read, and forget."""
        settings = load(environ)
        del environ["JWT_SECRET"]
        return settings


startup.Settings = Settings
