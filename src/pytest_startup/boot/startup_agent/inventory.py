"""Taking stock: components, links, capabilities, and what the process holds."""

import asyncio
import os
import sys
import threading

from .arrivals import Arrivals
from .clock import now
from .network import descriptors, peers
from .plain import plain
from .words import HERE, describe

TEST_TOOLS = ("pytest", "_pytest", "pytest_startup", "nose2")


class Inventory:
    """Looks at what an application has, when it is asked to."""

    def __init__(self, channel, places, plan):
        self.channel, self.places, self.plan = channel, places, plan
        self.arrivals = Arrivals(channel, places, plan)
        self.baseline = set()

    async def judge(self):
        """Resolve every component and link, and take stock: the application is ready."""
        for name, place in self.plan["components"].items():
            await self.component(name, place)
        for link in self.plan["links"]:
            await self.link(**link)
        self.snapshot("ready", self.tasks())

    async def component(self, name, place):
        """Record what stands in the place of a component."""
        reason = value = size = None
        try:
            value = await self.places.eventually(place)
            size = len(value) if hasattr(value, "__len__") else None
        except Exception as error:
            reason = describe(error)
        if value is None and reason is None:
            reason = "it is None"
        self.channel.emit(
            "ComponentResolved",
            component=name,
            present=value is not None,
            type=type(value).__qualname__,
            size=size,
            reason=reason or "",
        )

    async def link(self, name, place, to):
        """Record whether one component is found where another one says it has it."""
        try:
            found, wanted = (
                await self.places.eventually(place),
                await self.places.eventually(self.plan["components"][to]),
            )
        except Exception as error:
            self.channel.emit("LinkResolved", link=name, holds=False, observed=describe(error))
            return
        same = found is wanted and found is not None
        kind = "the same object" if same else "None" if found is None else "another %s" % type(found).__qualname__
        self.channel.emit("LinkResolved", link=name, holds=same, observed=kind)

    async def canary(self, place):
        """Use a capability through the application's own component."""
        began = now()
        works, observed = await self.use(place)
        return {"works": works, "observed": observed, "seconds": now() - began}

    async def canaries(self, place, times):
        """Use a capability several times at once."""
        found = await asyncio.gather(*(self.use(place) for _ in range(times)))
        worked = sum(works for works, _ in found)
        observed = next((said for works, said in found if not works), found[0][1])
        return {"worked": worked, "observed": observed}

    async def use(self, place):
        """Return whether the use of a capability worked, and what came of it."""
        try:
            value = await self.places.eventually(place, self.plan["canary_limit"])
        except Exception as error:
            return False, "raised " + describe(error)
        return value is not None and value is not False, "returned %.80r" % (value,)

    async def put(self, place, limit):
        """Call what puts an event in, and say whether it returned in time, and what it raised."""
        task = await self.within(place, limit)
        error = task.exception() if task.done() and not task.cancelled() else None
        reply = {"returned": task.done(), "raised": "" if error is None else describe(error)}
        task.cancel()
        return reply

    async def call(self, place, limit):
        """Evaluate a place, and say whether it returned in time, what it gave or raised."""
        task = await self.within(place, limit)
        reply = {"returned": task.done(), "raised": "", "value": None}
        try:
            reply["value"] = plain(task.result()) if task.done() else None
        except BaseException as error:  # a CancelledError is one
            reply["raised"] = describe(error)
        task.cancel()
        return reply

    async def within(self, place, limit):
        """Evaluate a place in a task, for `limit` seconds at most, and return the task, done or not."""
        task = asyncio.ensure_future(self.places.eventually(place, 2 * limit))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else may ask for it
        await asyncio.wait({task}, timeout=limit)
        return task

    def tasks(self):
        """Return the unfinished tasks of the application."""
        mine = {asyncio.current_task()}
        return [
            t
            for t in asyncio.all_tasks()
            if t not in self.baseline and t not in mine and not t.done() and not server_task(t)
        ]

    async def closed(self):
        """Wait, for a moment at most, until no connection to a service is left: closing one takes some turns."""
        declared = {tuple(address) for address in self.plan["declared"]}
        for _ in range(10):
            if not any(far in declared for _, far in peers()):
                return
            await asyncio.sleep(0.02)

    def snapshot(self, when, tasks):
        """Record what the process holds now, and these tasks."""
        self.channel.emit(
            "Snapshot",
            when=when,
            tasks=sorted("%s %s" % (t.get_name(), where_of(t.get_coro())) for t in tasks),
            threads=sorted(t.name for t in threading.enumerate() if t.name != "startup-agent"),
            peers=sorted({"%s:%d" % far for _, far in peers()}),
            descriptors=len(descriptors()),
            memory=resident(),
            test_tools=sorted(name for name in TEST_TOOLS if name in sys.modules),
        )


def where_of(coroutine):
    """Return the place of a coroutine's own code."""
    code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
    return "%s (%s:%d)" % (coroutine.__qualname__, code.co_filename, code.co_firstlineno) if code else repr(coroutine)


def server_task(task):
    """Whether a task belongs to the server and not to the application."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and (
        "%suvicorn%s" % (os.sep, os.sep) in code.co_filename or code.co_filename.startswith(HERE)
    )


def resident():
    """Return the resident set in bytes; 0 where the platform does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
