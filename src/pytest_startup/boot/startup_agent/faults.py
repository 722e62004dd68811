"""Faults of phases: what goes wrong in the application on purpose, without a change to it.

`call` and `call_async` surround a phase that is a callable. Where only a moment of a phase is known (a value that is
written, a line that is logged), `begin` strikes there, which can only block; `end` comes when the phase is over.
"""

import asyncio
import functools
import time

from .clock import now
from .places import forget
from .words import describe

LONG = 3600.0


class Undisturbed:
    """No fault: the phase runs as it is. Also what all faults have in common."""

    stays = False
    """Whether the phase never ends, once struck."""

    def __init__(self, channel=None, places=None, order=None):
        self.channel, self.places, self.order = channel, places, order
        self.planned = order is not None
        self.felt = False

    def feel(self):
        """Say that the fault strikes, the first time that it does."""
        if not self.felt:
            self.felt = True
            self.channel.emit("FaultFelt", fault=self.order["kind"], subject=self.order["phase"])

    def begin(self):
        """Strike at the beginning, in plain code."""

    def release(self):
        """Let a phase go on which waits for our word."""

    async def begin_async(self):
        """Strike at the beginning, where it can be awaited."""
        self.begin()

    def end(self):
        """Strike at the end."""

    def call(self, original, args, kwargs):
        """Run a plain phase."""
        self.begin()
        result = original(*args, **kwargs)
        self.end()
        return result

    async def call_async(self, original, args, kwargs):
        """Run an async phase."""
        await self.begin_async()
        result = await original(*args, **kwargs)
        self.end()
        return result


class Raises(Undisturbed):
    """An exception at the beginning, in every call."""

    stays = True

    def begin(self):
        """Raise."""
        self.feel()
        raise RuntimeError("injected fault: phase %s raises" % self.order["phase"])


class Hangs(Undisturbed):
    """Nothing goes on from the beginning; an async phase can be cancelled, as whatever waits."""

    stays = True

    def begin(self):
        """Block."""
        self.feel()
        while True:
            time.sleep(LONG)

    async def call_async(self, original, args, kwargs):
        """Run an async phase up to its first wait, which never ends: so a time limit of its own can end it too."""
        self.feel()
        return await Stuck(original(*args, **kwargs))


class Stuck:
    """A coroutine none of whose waits ever ends; it can be cancelled, as whatever waits."""

    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.over = False

    def __await__(self):
        """Wait, and wait again after every cancellation that the coroutine survives."""
        step = functools.partial(self.coroutine.send, None)
        while True:
            self.go(step)
            try:
                while True:
                    yield from asyncio.sleep(LONG).__await__()
            except BaseException as error:
                if self.over:
                    raise
                step = functools.partial(self.coroutine.throw, error)

    def go(self, step):
        """Go on to the next wait; one that is over hangs as well."""
        try:
            step()
        except StopIteration:
            self.over = True


class Slow(Undisturbed):
    """Some seconds more."""

    def begin(self):
        """Block for a while."""
        self.feel()
        time.sleep(self.order["seconds"])

    async def begin_async(self):
        """Wait for a while."""
        self.feel()
        await asyncio.sleep(self.order["seconds"])


class Held(Slow):
    """It waits for our word, at most some seconds: what is done to the system meanwhile is done within the phase."""

    free = False

    def release(self):
        """Let it go on."""
        self.free = True

    def begin(self):
        """Block until then."""
        self.feel()
        until = now() + self.order["seconds"]
        while not self.free and now() < until:
            time.sleep(0.005)

    async def begin_async(self):
        """Wait until then."""
        self.feel()
        until = now() + self.order["seconds"]
        while not self.free and now() < until:  # noqa: ASYNC110 - the word comes in another thread
            await asyncio.sleep(0.005)


class HalfDone(Undisturbed):
    """What the phase provides is None once it is over, wherever a value can be written."""

    def end(self):
        """Take everything away."""
        for place in self.order["provides"]:
            if forget(self.places, place):
                self.feel()


class Twice(Undisturbed):
    """Two calls at the same time (of a plain function: one after the other). The first one's result is what counts."""

    def call(self, original, args, kwargs):
        """Call it, and call it again."""
        self.feel()
        result = original(*args, **kwargs)
        try:
            self.second(original(*args, **kwargs))
        except Exception as error:
            self.second(error)
        return result

    async def call_async(self, original, args, kwargs):
        """Call it twice at once."""
        self.feel()
        calls = (original(*args, **kwargs), original(*args, **kwargs))
        first, second = await asyncio.gather(*calls, return_exceptions=True)
        self.second(second)
        if isinstance(first, BaseException):
            raise first
        return first

    def second(self, result):
        """Say what became of the second call."""
        error = describe(result) if isinstance(result, BaseException) else ""
        self.channel.emit("PhaseRepeated", phase=self.order["phase"], error=error)


KINDS = {"held": Held, "raises": Raises, "hangs": Hangs, "slow": Slow, "half-done": HalfDone, "twice": Twice}


class Faults:
    """The faults of one boot, by phase."""

    def __init__(self, channel, places, orders):
        self.known = {order["phase"]: KINDS[order["kind"]](channel, places, order) for order in orders}

    def of(self, phase):
        """Return the fault of a phase; one that does nothing where none is planned."""
        return self.known.get(phase) or Undisturbed()
