"""Traffic that comes too early: requests and WebSocket upgrades, offered through ASGI at every boundary of a phase."""

import asyncio

from .clock import now
from .words import describe

KEPT_SECONDS = 0.1
"""How long an accepted socket is watched for being closed again."""


class Traffic:
    """Offers what users would ask for; `health` is what sends requests. One that is never answered is offered once.

    Where the application does not keep users out by itself, nothing comes in before its lifespan has begun to serve.
    """

    def __init__(self, channel, health, plan):
        self.channel, self.health = channel, health
        self.limit = plan["probe_limit"] + plan["max_block"]  # the loop may stand still meanwhile
        self.offers = []
        self.served = False
        if plan["traffic"] is not None:
            self.offers += [("request", path, self.request) for path in plan["traffic"]["requests"]]
            self.offers += [("socket", path, self.socket) for path in plan["traffic"]["sockets"]]
            self.served = plan["traffic"]["gated"]

    async def offer(self):
        """Offer everything, all at once."""
        if self.offers and self.served and self.health.asgi is not None:
            await asyncio.gather(*(self.one(*each) for each in list(self.offers)))

    async def one(self, kind, path, send):
        """Offer one thing, and record the answer."""
        began = now()
        try:
            answer = await asyncio.wait_for(send(path), self.limit)
        except asyncio.TimeoutError:
            answer = "timeout"
            self.offers = [each for each in self.offers if each[:2] != (kind, path)]
        except Exception as error:
            answer = "error: " + describe(error)
        self.channel.emit("Offered", vantage="inside", what=kind, path=path, answer=answer, began=began)

    async def request(self, path):
        """Ask for a path, and return the status."""
        return await self.health.request(path, [])

    async def socket(self, path):
        """Ask for a socket, and return what became of it."""
        upgrade = Upgrade(self.health.scope(path, "websocket"))
        task = asyncio.ensure_future(self.health.asgi(upgrade.scope, upgrade.receive, upgrade.send))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else may ask for it
        try:
            await asyncio.wait({task, asyncio.ensure_future(upgrade.said.wait())}, return_when=asyncio.FIRST_COMPLETED)
            if upgrade.accepted and not upgrade.answer:
                await asyncio.wait({task}, timeout=KEPT_SECONDS)
            if task.done() and not upgrade.answer:
                task.result()  # raises what the application raised
                upgrade.answer = "closed 1000" if upgrade.accepted else ""
        finally:
            upgrade.gone.set()
            upgrade.said.set()
            if not task.done():
                await asyncio.wait({task}, timeout=KEPT_SECONDS)
                task.cancel()
        return upgrade.result()


class Upgrade:
    """One WebSocket handshake, as ASGI has it (with the extension "WebSocket Denial Response")."""

    def __init__(self, scope):
        self.scope = scope
        self.messages = [{"type": "websocket.connect"}]
        self.said, self.gone = asyncio.Event(), asyncio.Event()
        self.accepted, self.answer = False, ""

    def result(self):
        """Return in a word what became of it."""
        if self.answer:
            return self.answer
        return "kept" if self.accepted else "error: no answer"

    async def receive(self):
        """Give the application the handshake, and later the end."""
        if self.messages:
            return self.messages.pop()
        await self.gone.wait()
        return {"type": "websocket.disconnect", "code": 1001}

    async def send(self, message):
        """Take what the application says."""
        kind = message["type"]
        if kind == "websocket.accept":
            self.accepted = True
        elif kind == "websocket.http.response.start":
            self.answer = "denied %d" % message["status"]
        elif kind == "websocket.close" and not self.gone.is_set():
            self.answer = self.answer or ("closed %d" if self.accepted else "denied %d") % message.get("code", 1000)
        self.said.set()
