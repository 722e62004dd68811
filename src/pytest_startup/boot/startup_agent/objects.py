"""What places hold: how many, and whether it is the same as elsewhere. Nothing of it is handed out."""

import asyncio

from .inventory import where_of
from .network import peers
from .words import HERE, describe

PLAIN = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type)
"""What cannot be changed, so that it belongs to nobody."""


class Objects:
    """Looks at places when it is asked to."""

    def __init__(self, places, plan):
        self.places, self.plan = places, plan

    async def measure(self, place, limit):
        """Return how many there are: the number in a place, or the length of it; for None, of what the process has."""
        if place is None:
            return {"count": self.held(), "problem": ""}
        try:
            value = await asyncio.wait_for(self.places.eventually(place, limit), limit)
            count = value if isinstance(value, int) else len(value)
        except asyncio.TimeoutError:
            return {"count": None, "problem": "did not return"}
        except Exception as error:
            return {"count": None, "problem": "raised " + describe(error)}
        return {"count": int(count), "problem": ""}

    def held(self):
        """Return how many tasks there are, and connections to this application."""
        tasks = [task for task in asyncio.all_tasks() if not task.done() and HERE not in where_of(task.get_coro())]
        return len(tasks) + sum(port == self.plan["port"] for port, _ in peers())

    async def compare(self, places, limit):
        """Return for each place a number, which is the same for the same object.

        All of them are held until all have been looked at: what is collected leaves its address to the next one.
        """
        held, found = [], []
        for place in places:
            try:
                value = await asyncio.wait_for(self.places.eventually(place, limit), limit)
            except Exception as error:
                found.append({"number": None, "type": "", "plain": False, "problem": "raised " + describe(error)})
                continue
            number = next((n for n, other in enumerate(held) if other is value), len(held))
            held.append(value)
            kind = type(value).__qualname__
            found.append({"number": number, "type": kind, "plain": isinstance(value, PLAIN), "problem": ""})
        return {"found": found}
