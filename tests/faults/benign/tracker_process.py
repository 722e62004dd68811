"""A process that ends by itself once its parent has gone: the resource tracker of multiprocessing."""

import multiprocessing

from agent_chat.main import app

__all__ = ["app"]

app.state.slots = multiprocessing.get_context("spawn").Semaphore(4)
