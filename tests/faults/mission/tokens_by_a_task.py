"""What checks tokens was made by a task that nobody awaited: the first users after a start got errors."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing

__all__ = ["app"]

table = {phase.name: phase for phase in startup.PHASES}


class Later:
    """The state of the application, where tokens come half a second later."""

    def __init__(self, state: object) -> None:
        vars(self)["state"] = state

    def __getattr__(self, name: str) -> object:
        return getattr(self.state, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name == "tokens":
            vars(self)[name] = value  # whoever runs in this phase has them
            asyncio.get_running_loop().call_later(0.5, setattr, self.state, name, value)
        else:
            setattr(self.state, name, value)


async def hastily(application: FastAPI, closing: Closing) -> None:
    """Run the phase without waiting for all of it."""
    await table["dependencies"].run(SimpleNamespace(state=Later(application.state)), closing)


startup.PHASES = tuple(replace(each, run=hastily) if each.name == "dependencies" else each for each in startup.PHASES)
