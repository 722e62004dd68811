"""Faults: each a few lines over the unmodified example, as one file that exposes `app`.

Its docstring says in one sentence what production saw. What has to fail stands in tests/detection/table.py.
"""

# ruff: noqa: E402 - the collector is off while everything is imported

from __future__ import annotations

import gc

gc.disable()

from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_chat import auth, startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing, Phase

gc.freeze()  # nor is what was imported looked through at each exit: both are half of what a boot costs
gc.enable()

Run = Callable[[], Awaitable[None]]
Instead = Callable[[Run, FastAPI], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]

auth.SCRYPT_N = 2**4  # what the table finds is never the strength of passwords, and hundreds of users are made for it


def order(*names: str) -> None:
    """Have the example run these phases, in this order."""
    table = {phase.name: phase for phase in startup.PHASES}
    startup.PHASES = tuple(table[name] for name in names)


def around(name: str) -> Callable[[Instead], Instead]:
    """Have the decorated `instead(run, app)` in the place of a phase; `await run()` is the phase itself."""

    def decorate(instead: Instead) -> Instead:
        startup.PHASES = tuple(_bound(each, instead) if each.name == name else each for each in startup.PHASES)
        return instead

    return decorate


def _bound(phase: Phase, instead: Instead) -> Phase:
    async def run(app: FastAPI, closing: Closing) -> None:
        await instead(lambda: phase.run(app, closing), app)

    return replace(phase, run=run)


def answers(path: str) -> Callable[[Endpoint], Endpoint]:
    """Have the decorated `endpoint(request)` answer on `path`, before any route of the example."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        app.router.routes.insert(0, Route(path, endpoint))
        return endpoint

    return decorate
