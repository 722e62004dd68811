"""When components come to be: seen by the write of their place, or else by looking there again and again."""

from .clock import now
from .places import Watch


class Arrivals:
    """Tells of every component once: when it is there, and until when it certainly was not."""

    def __init__(self, channel, places, plan):
        self.channel, self.places, self.filled = channel, places, set(plan["filled"])
        self.plan = plan["components"]
        self.open = {
            name: place for name, place in self.plan.items() if all(kind != "call" for kind, *_ in place["steps"])
        }
        self.unwatched = {
            name for name, place in self.open.items() if all(kind == "attr" for kind, *_ in place["steps"])
        }
        self.absent = dict.fromkeys(self.open, now())

    def survey(self):
        """Look for all that have not come yet."""
        for name in list(self.open):
            if name in self.unwatched:
                self.watch(name, self.plan[name])
        self.others(None)

    def others(self, name):
        """Look for all but one that have not come yet."""
        for other, place in list(self.open.items()):
            if other != name:
                looked = now()
                try:
                    value = self.places.now(place)
                except Exception:  # not there yet, for whatever reason
                    value = None
                if not self.arrive(other, value, self.absent[other]):
                    self.absent[other] = looked

    def watch(self, name, place):
        """Watch the writes of a place from when its root is there; what is there by then came before."""
        begun = []

        def written(value):
            if begun and name in self.open:
                self.others(name)  # before and after: then it is certain which of two came first
                if not self.arrive(name, value, now()):
                    self.absent[name] = now()
                self.others(name)
            else:
                self.arrive(name, value, self.absent.get(name))

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
