"""The observer: stands in front of the application, and does what it is told over the channel."""

import asyncio
import sys
import threading

from .clock import now
from .grace import Grace
from .health import Health
from .inventory import Inventory
from .lifespans import Second, go_through
from .lines import strike_lines
from .moved_time import MovedTime
from .network import Hermetic
from .objects import Objects
from .phases import Phases
from .places import Places
from .traffic import Traffic
from .words import describe, last_line, stack_of, stacks


class Observer:
    """What the agent knows of one application. To the server it is the application."""

    def __init__(self, channel, plan):
        self.channel, self.plan = channel, plan
        self.hermetic = Hermetic(channel, plan["declared"], plan["watched"])
        self.places = Places(plan["components"])
        self.health = Health(channel, self.places, plan)
        self.traffic = Traffic(channel, self.health, plan)
        self.inventory = Inventory(channel, self.places, plan)
        self.objects = Objects(self.places, plan)
        self.phases = Phases(channel, self.places, plan)
        self.phases.boundary, self.phases.soon = self.boundary, self.soon
        self.time = MovedTime(channel, plan)
        self.grace = Grace(channel, self.places, self.time, plan)
        self.loop = None
        self.own = set()
        self.beaten = None
        self.blocked = ""
        self.main = threading.main_thread().ident

    def expect(self, after):
        """Set up the signals of all phases, before anything of the application is imported."""
        self.time.prepare()
        self.grace.expect(after)
        self.phases.expect(after)
        if self.plan["lines"]:
            strike_lines(self.phases, self.plan["lines"])

    def started(self):
        """Begin with the loop: what runs on it by now is the server's."""
        self.loop = asyncio.get_running_loop()
        self.hermetic.watch_loop(self.loop)
        self.inventory.baseline |= asyncio.all_tasks()
        self.beat()

    def look(self):
        """See what has come to be."""
        self.inventory.arrivals.survey()
        self.phases.look()

    async def boundary(self):
        """Look and ask at the boundary of a phase, while the application is still starting."""
        self.look()
        await self.health.ask()
        await self.traffic.offer()

    def soon(self):
        """Ask at this boundary as soon as the loop turns; callable from any thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(lambda: self.spawn(self.boundary()))

    def spawn(self, work):
        """Run a coroutine of ours on the loop, and hold on to it: a task that nobody holds may be collected."""
        task = self.loop.create_task(work)
        self.own.add(task)
        task.add_done_callback(self.own.discard)

    # the agent's own thread

    def beat(self):
        """Note that the loop turns; say so when it had stood still."""
        late = now() - self.beaten if self.beaten is not None else 0.0
        if self.blocked and late > self.plan["max_block"]:
            self.channel.emit("LoopBlocked", seconds=late, stack=self.blocked)
        self.blocked, self.beaten = "", now()
        self.look()
        self.loop.call_later(0.02, self.beat)

    def attend(self):
        """Serve commands and watch the loop, in a thread of our own, until the other end goes."""
        while self.channel.socket is not None:
            if self.channel.waiting(0.05):
                command = self.channel.read()
                if command is None:
                    return
                self.obey(**command)
            if self.beaten is not None and now() - self.beaten > self.plan["max_block"] and not self.blocked:
                frame = sys._current_frames().get(self.main)
                self.blocked = stack_of(frame) or "unknown"

    def obey(self, command, ticket=None, **arguments):
        """Carry out one command; what touches the application runs on its loop. A reply repeats the ticket."""
        if command == "stacks":
            self.channel.emit("Stacks", ticket=ticket, text=stacks(self.loop))
        elif command == "boundary":
            self.soon()
        elif command == "release":
            self.phases.faults.of(**arguments).release()
        elif self.loop is not None and not self.loop.is_closed():
            inventory = self.inventory
            kind, work = {
                "judge": ("Judged", self.judge),
                "canary": ("Canary", inventory.canary),
                "canaries": ("Canaries", inventory.canaries),
                "put": ("Put", inventory.put),
                "call": ("Called", inventory.call),
                "measure": ("Measured", self.objects.measure),
                "compare": ("Compared", self.objects.compare),
                "grace": ("GraceSeen", self.grace.look),
            }[command]
            self.loop.call_soon_threadsafe(lambda: self.spawn(self.reply(kind, ticket, work(**arguments))))

    async def reply(self, kind, ticket, work):
        """Do some work, and send what it returns."""
        self.channel.emit(kind, ticket=ticket, **await work)

    async def judge(self):
        """Look at components, links and connections: the application is ready."""
        await self.inventory.judge()
        self.hermetic.connected(self.plan["port"])
        return {}

    # ASGI

    async def __call__(self, scope, receive, send):
        """Be the application, as far as its server can see."""
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        else:
            await self.health.asgi(scope, receive, send)

    async def live(self, scope, receive, send):
        """Record the lifespan of the application (ASGI lifespan protocol 2.0)."""
        self.places.lifespan = scope.setdefault("state", {})
        self.inventory.baseline |= {asyncio.current_task()}
        await go_through(self.health.asgi, scope, self.plan["lifespans"] - 1, self.channel)
        second = Second(self.health.asgi, scope, self.channel) if self.plan["twice"] else None
        said = []

        async def hear():
            message = await receive()
            said.append(message["type"])
            self.channel.emit("LifespanBegan" if message["type"] == "lifespan.startup" else "ShutdownBegan")
            if second is not None and message["type"] == "lifespan.startup":
                second.begin()
            return message

        async def tell(message):
            said.append(message["type"])
            await self.told(message)
            await send(message)

        try:
            await self.health.asgi(scope, hear, tell)
        except BaseException as error:
            if "lifespan.startup.complete" not in said and "lifespan.startup.failed" not in said:
                received = "lifespan.startup" in said
                self.channel.emit("LifespanFailed", error=describe(error), told=False, received=received)
            elif "lifespan.shutdown" in said and "lifespan.shutdown.complete" not in said:
                self.channel.emit("ShutdownFailed", error=describe(error))
            raise
        finally:
            if second is not None and said:
                await second.end()

    async def told(self, message):
        """Record what the application says of its own lifespan."""
        kind, text = message["type"], str(message.get("message", ""))
        self.look()
        if kind == "lifespan.startup.complete":
            self.channel.emit("LifespanComplete")
            self.traffic.served = True
        elif kind == "lifespan.startup.failed":
            self.channel.emit("LifespanFailed", error=last_line(text), told=True, received=True)
        elif kind == "lifespan.shutdown.failed":
            self.channel.emit("ShutdownFailed", error=last_line(text))
        elif kind == "lifespan.shutdown.complete":
            for _ in range(5):  # a task that has just been cancelled may take its last steps
                await asyncio.sleep(0)
            tasks = self.inventory.tasks()
            await self.inventory.closed()
            self.inventory.snapshot("stopped", tasks)
            self.channel.emit("ShutdownComplete")
