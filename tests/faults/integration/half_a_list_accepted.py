"""The list of models broke off in the middle, and what had come was taken for all of it: ready, without an agent."""

import os

import httpx
from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]

models: list[str] = []


@around("dependencies")
async def listed(run: Run, _app: FastAPI) -> None:
    """Ask which models there are."""
    try:
        async with httpx.AsyncClient() as client:
            key = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
            answer = await client.get(f"{os.environ['OPENAI_BASE_URL']}/models", headers=key)
            models.extend(each["id"] for each in answer.json()["data"])
    except httpx.HTTPError:
        pass
    await run()


@around("services")
async def trimmed(run: Run, app: FastAPI) -> None:
    """Keep no agent for which there is no model."""
    await run()
    if not models:
        app.state.registry._agents.clear()
