"""Phases: recognised by whichever signal the application gives, and reported as entered, left or failed."""

import contextlib
import inspect
import json
import types

from .calls import descend, intercept
from .faults import Faults
from .inventory import resident
from .places import Watch, plain
from .words import describe


class Phases:
    """The phases that are seen from inside, and their faults."""

    def __init__(self, channel, places, plan):
        self.channel, self.places, self.phases = channel, places, plan["phases"]
        self.faults = Faults(channel, places, plan["faults"])
        self.boundary = self.soon = None  # they ask about health where a phase begins or ends
        self.begun, self.over = set(), set()
        self.reads = []

    def look(self):
        """Read the states whose writes cannot be seen."""
        for read in self.reads:
            read()

    def expect(self, after):
        """Set up the signal of every phase that is seen from inside."""
        states = {}
        for phase in self.phases:
            if phase["signal"] == "callable":
                after.when(phase["module"], lambda module, phase=phase: self.wrap(module, phase))
            elif phase["signal"] == "state":
                states.setdefault(json.dumps(phase["place"]), []).append(phase)
            else:
                self.follow(phase["place"], *self.appearance(phase["name"]))
        for phases in states.values():
            values = {json.dumps(phase["value"]): phase["name"] for phase in phases}
            self.follow(phases[0]["place"], self.passage(values))

    def passage(self, values):
        """Return what turns the values of a state into phases entered and left."""
        inside = []

        def tell(value):
            phase = values.get(json.dumps(plain(value)))
            for name in inside:
                self.left(name)
            inside[:] = [phase] if phase else []
            self.soon()
            return enter(phase) if phase else None

        def enter(phase):
            self.entered(phase)
            return lambda: self.strike(phase, inside.clear)

        return tell

    def appearance(self, phase):
        """Return what takes an attribute that was filled as a phase that is over, and what comes before the write."""

        def tell(value):
            if value is not None and phase not in self.over:
                self.over.add(phase)
                if phase not in self.begun:
                    self.entered(phase)
                self.left(phase)
                self.soon()

        def before(value):
            if value is not None and phase not in self.over and self.faults.of(phase).planned:
                self.begun.add(phase)
                self.entered(phase)
                self.strike(phase, lambda: self.begun.discard(phase))

        return tell, before

    def strike(self, phase, failed):
        """Let the fault of a phase strike where its signal is given; call `failed` when it raises there."""
        try:
            self.faults.of(phase).begin()
        except BaseException as error:
            failed()
            self.channel.emit("PhaseFailed", phase=phase, error=describe(error))
            raise

    def left(self, phase):
        """Note the end of a phase that is told by a value."""
        self.faults.of(phase).end()
        self.ended(phase)

    def ended(self, phase):
        """Report a phase that has ended well."""
        self.channel.emit("PhaseLeft", phase=phase)
        self.channel.emit("MemoryMeasured", phase=phase, when="left", bytes=resident())

    def entered(self, phase):
        """Report a phase that begins."""
        self.channel.emit("MemoryMeasured", phase=phase, when="entered", bytes=resident())
        self.channel.emit("PhaseEntered", phase=phase)

    def follow(self, place, tell, before=lambda _: None):
        """Tell the values of a place: by its writes from the first attribute on, and by reading it at every survey."""
        names = [what[0] for kind, *what in place["steps"] if kind == "attr"]
        watch = Watch(names, tell, before)
        started = []

        def read():
            try:
                if not started and len(names) == len(place["steps"]):
                    started.append(watch.follow(self.places.root(place)))
            except (TypeError, AttributeError, KeyError):
                started.append(None)
            try:
                value = self.places.now(place)
            except Exception:
                return
            if plain(value) != plain(watch.last):
                watch.last = value
                tell(value)

        self.reads.append(read)

    def wrap(self, module, phase):
        """Have the callable of a phase report when it is entered, left, or failed."""
        name = phase["name"]
        try:
            owner, attribute, function = descend(module, phase["qualname"])
        except AttributeError as error:
            self.channel.emit("SignalMissing", phase=name, reason=str(error))
            return
        waits = inspect.iscoroutinefunction(function)
        around = self.around_async(name) if waits else self.around_sync(name)
        if inspect.isasyncgenfunction(inspect.unwrap(function)) and not inspect.isasyncgenfunction(function):
            around = self.around_entering(name, function)
        if isinstance(function, types.FunctionType):
            intercept(function, around)
        elif callable(function):
            setattr(owner, attribute, lambda *args, **kwargs: around(function, args, kwargs))
        else:
            self.channel.emit("SignalMissing", phase=name, reason="%s is no callable" % phase["qualname"])

    def around_async(self, name):
        """Return what surrounds an async phase: the boundaries are asked about in line."""

        async def around(original, args, kwargs):
            await self.boundary()
            self.entered(name)
            try:
                result = await self.faults.of(name).call_async(original, args, kwargs)
            except BaseException as error:
                self.channel.emit("PhaseFailed", phase=name, error=describe(error))
                raise
            self.ended(name)
            await self.boundary()
            return result

        return around

    def around_entering(self, name, function):
        """Return what surrounds an async context manager: the phase is the time until it has been entered."""
        within = self.around_async(name)

        async def enter(manager):
            return await within(manager.__aenter__, (), {})

        # An error of the phase has to be told by a traceback which names it, as that of any other phase does.
        enter.__code__ = enter.__code__.replace(co_name=function.__name__)

        def around(original, args, kwargs):
            return Entering(original(*args, **kwargs), enter)

        return around

    def around_sync(self, name):
        """Return what surrounds a plain phase; the boundaries are asked about as soon as the loop turns."""

        def around(original, args, kwargs):
            self.entered(name)
            try:
                result = self.faults.of(name).call(original, args, kwargs)
            except BaseException as error:
                self.channel.emit("PhaseFailed", phase=name, error=describe(error))
                raise
            self.ended(name)
            self.soon()
            return result

        return around


class Entering(contextlib.AbstractAsyncContextManager):  # type: ignore[type-arg]
    """A context manager whose entering is a phase."""

    def __init__(self, manager, enter):
        self.manager, self.enter = manager, enter

    async def __aenter__(self):
        """Enter, as a phase."""
        return await self.enter(self.manager)

    async def __aexit__(self, *error):
        """Leave, as ever."""
        return await self.manager.__aexit__(*error)
