"""More than one lifespan of an application (ASGI lifespan protocol 2.0): two at once, or several after one another."""

import asyncio
import gc
import threading

from .inventory import resident
from .network import descriptors
from .words import describe, last_line


class Lifespan:
    """A lifespan of our own making, beside or before that of the server. `error` is empty as long as all is well."""

    def __init__(self, asgi, scope):
        self.asgi, self.scope = asgi, dict(scope, state={})
        self.error = ""
        self.up, self.over = asyncio.Event(), asyncio.Event()
        self.asked = ["lifespan.startup"]
        self.task = None

    def begin(self):
        """Let the application start."""
        self.task = asyncio.get_running_loop().create_task(self.run())

    async def end(self):
        """Let the application shut down, and wait until it has."""
        self.over.set()
        await asyncio.wait({self.task})

    async def run(self):
        """Be the server of this lifespan."""
        try:
            await self.asgi(self.scope, self.receive, self.send)
        except BaseException as error:
            self.error = self.error or describe(error)
            raise
        finally:
            self.up.set()

    async def receive(self):
        """Ask for the startup, and later for the shutdown."""
        if self.asked:
            return {"type": self.asked.pop()}
        await self.over.wait()
        return {"type": "lifespan.shutdown"}

    async def send(self, message):
        """Take what the application says of it."""
        if message["type"].endswith(".failed"):
            self.error = last_line(str(message.get("message", ""))) or "it said " + message["type"]
        self.up.set()


async def go_through(asgi, scope, number, channel):
    """Let an application start and shut down `number` times, and report after each what the process holds."""
    own = asyncio.all_tasks()
    for count in range(1, number + 1):
        lifespan = Lifespan(asgi, scope)
        with channel.silence():
            lifespan.begin()
            await lifespan.up.wait()
            await lifespan.end()
        gc.collect()
        channel.emit(
            "LifespanEnded",
            number=count,
            memory=resident(),
            descriptors=len(descriptors()),
            threads=threading.active_count(),
            tasks=len(asyncio.all_tasks() - own),
            error=lifespan.error,
        )
        if lifespan.error:
            return


class Second:
    """A second lifespan which begins in the same moment as the first, and ends when that has ended."""

    def __init__(self, asgi, scope, channel):
        self.channel, self.lifespan = channel, Lifespan(asgi, scope)

    def begin(self):
        """Begin it."""
        self.channel.emit("FaultFelt", fault="twice", subject="startup")
        self.lifespan.begin()
        self.telling = asyncio.get_running_loop().create_task(self.tell())

    async def tell(self):
        """Report how it came up."""
        await self.lifespan.up.wait()
        self.channel.emit("LifespanRepeated", error=self.lifespan.error)

    async def end(self):
        """End it; an application which does not let it end is ended by whoever stops us."""
        self.telling.cancel()
        await self.lifespan.end()
