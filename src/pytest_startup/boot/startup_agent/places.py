"""Places: from the roots of an application to the values that live in it, and watching them come to be."""

import asyncio
import inspect
import sys

MISSING = object()


def step(value, kind, *what):
    """Take one step of a place; an item that is a path leads into a mounted sub-application."""
    if kind == "attr":
        return value[what[0]] if isinstance(value, dict) and what[0] in value else getattr(value, what[0])
    if kind == "call":
        return value(*what[0], **what[1])
    if isinstance(what[0], str) and what[0].startswith("/") and not isinstance(value, dict):
        routes = getattr(value, "routes", None) or value.router.routes
        return next(route.app for route in routes if getattr(route, "path", None) == what[0])
    return value[what[0]]


def plain(value):
    """Return a value of state as JSON can carry and a contract can name it."""
    value = getattr(value, "value", value) if hasattr(type(value), "__members__") else value
    return value if value is None or isinstance(value, (bool, int, float, str)) else type(value).__qualname__


class Places:
    """Finds what the contract names by a place: application, lifespan state, modules, components."""

    def __init__(self, components):
        self.components = components
        self.app = None
        self.lifespan = {}

    def resolve(self, place):
        """Yield through a place: an awaitable that it needs is yielded, to be sent back its result."""
        if place["root"] == "component":
            value = yield from self.resolve(self.components[place["component"]])
        else:
            value = self.root(place)
        for kind, *what in place["steps"]:
            value = step(value, kind, *what)
            if kind == "call" and inspect.isawaitable(value):
                value = yield value
        return value

    def root(self, place):
        """Return the object at which a place begins."""
        if place["root"] == "app":
            return self.app
        if place["root"] == "lifespan":
            return self.lifespan
        if place["root"] == "module":
            return sys.modules[place["module"]]
        raise LookupError(place["root"])

    def now(self, place):
        """Resolve a place which needs no awaiting."""
        try:
            next(self.resolve(place))
        except StopIteration as found:
            return found.value
        raise LookupError("needs to be awaited")

    async def eventually(self, place, limit=5.0):
        """Resolve a place, awaiting what has to be awaited."""
        asked, answer = self.resolve(place), None
        while True:
            try:
                waiting = asked.send(answer)
            except StopIteration as found:
                return found.value
            answer = await asyncio.wait_for(waiting, limit)


def forget(places, place):
    """Write None to a place, or take away what stands there; return whether there was something, and now is not."""
    if not stands(places, place) or not place["steps"]:
        return False
    *way, (kind, *what) = place["steps"]
    holder = places.now(dict(place, steps=way))
    try:
        if kind == "attr" and not (isinstance(holder, dict) and what[0] in holder):
            empty(holder, what[0])
        else:
            holder[what[0]] = None
    except Exception:
        return False
    return not stands(places, place)


def stands(places, place):
    """Whether something other than None stands in a place."""
    try:
        return places.now(place) is not None
    except Exception:
        return False


def empty(holder, name):
    """Set an attribute to None, or delete it."""
    try:
        setattr(holder, name, None)
    except (AttributeError, TypeError):
        delattr(holder, name)


class Watch:
    """Tells every value which a dotted attribute path takes, from the write itself where it can be seen.

    `before(value)` is called ahead of a write of the last name. Where `tell` returns a function, that is called once
    the write is over, in the midst of whoever wrote: what either of them raises is raised there.
    """

    hooked = {}  # type: ignore[var-annotated]  # noqa: RUF012 - one table for all: a class is changed once for all

    def __init__(self, names, tell, before):
        self.names, self.tell, self.before = names, tell, before
        self.last = MISSING

    def follow(self, holder, depth=0):
        """Watch the rest of the path from `holder` on; return what `tell` returns for what is there already."""
        name = self.names[depth]
        self.hook(type(holder))
        Watch.hooked[type(holder)].append((holder, name, self, depth))
        current = getattr(holder, name, MISSING)
        return None if current is MISSING else self.arrive(current, depth)

    def approach(self, value, depth):
        """Take a value that is about to be written."""
        if depth + 1 == len(self.names):
            self.before(value)

    def arrive(self, value, depth):
        """Go on with a new value: deeper, or tell it."""
        if depth + 1 < len(self.names):
            try:
                return None if value is None else self.follow(value, depth + 1)
            except TypeError:  # its writes cannot be seen; whoever wrote this value must not hear of it
                return None
        if value is self.last:
            return None
        self.last = value
        return self.tell(value)

    @staticmethod
    def hook(cls):
        """Record the writes of attributes on instances of a class; TypeError where its author forbids it."""
        if cls in Watch.hooked:
            return
        write = cls.__setattr__

        def written(self, name, value):
            here = [(watch, at) for holder, one, watch, at in Watch.hooked[cls] if holder is self and one == name]
            for watch, depth in here:
                watch.approach(value, depth)
            write(self, name, value)
            strikes = [watch.arrive(value, depth) for watch, depth in here]
            for strike in filter(None, strikes):
                strike()

        cls.__setattr__ = written
        Watch.hooked[cls] = []
