"""When components come to be: seen by the write of their place, or else by looking there again and again."""

from .clock import now
from .places import Watch


class Arrivals:
    """Tells of every component once: when it is there, and until when it certainly was not."""

    def __init__(self, channel, places, plan):
        self.channel, self.places, self.filled = channel, places, set(plan["filled"])
        self.open = {
            name: place
            for name, place in plan["components"].items()
            if all(kind != "call" for kind, *_ in place["steps"])
        }
        self.unwatched = {
            name for name, place in self.open.items() if all(kind == "attr" for kind, *_ in place["steps"])
        }
        self.absent = dict.fromkeys(self.open, now())

    def survey(self):
        """Look for all that have not come yet."""
        for name, place in list(self.open.items()):
            looked = now()
            if name in self.unwatched:
                self.watch(name, place)
            try:
                value = self.places.now(place)
            except Exception:  # not there yet, for whatever reason
                value = None
            if not self.arrive(name, value, self.absent[name]):
                self.absent[name] = looked

    def watch(self, name, place):
        """Watch the writes of a place from when its root is there; what is there by then came before."""
        begun = []

        def written(value):
            moment = now() if begun else self.absent[name]
            if not self.arrive(name, value, moment):
                self.absent[name] = moment

        try:
            root = self.places.root(place)
            if root is None:
                return
            self.unwatched.discard(name)
            Watch([what[0] for _, *what in place["steps"]], written, lambda _: None).follow(root)
            begun.append(True)
        except (TypeError, AttributeError, KeyError):
            return  # there is no such module yet, or writes to it cannot be seen

    def arrive(self, name, value, absent):
        """Tell of a component that has come, the first time; return whether it has."""
        if name in self.open and (value is None or (name in self.filled and not holds(value))):
            return False
        if self.open.pop(name, None) is not None:
            self.channel.emit("ComponentAttached", component=name, type=type(value).__qualname__, began=absent)
        return True


def holds(value):
    """Whether there is something in it; what has no length cannot be judged, and counts as full."""
    try:
        return len(value) > 0
    except Exception:
        return True
