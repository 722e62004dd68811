"""An event loop on which tasks that are ready in the same turn run in another order, decided by a seed.

Only the steps of tasks change places, among neighbours. All other callbacks stay where they are, and nothing overtakes
them: asyncio promises that they are called in the order in which they were scheduled, and its transports rely on it.

An order is a property of the tasks and not of the moment: each step is placed by the seed, the name of its coroutine,
how many of that name came before, and its number within the task. So a seed gives the same order again although input
and output never come in quite the same turns.
"""

import asyncio
import collections
import itertools
import weakref
import zlib


class Ready(collections.deque):  # type: ignore[type-arg]
    """What a loop has ready. At the first one taken in a turn, the tasks among them are put in order."""

    def __init__(self, seed):
        super().__init__()
        self.seed = seed
        self.arranged = True
        self.names = collections.Counter()
        self.tasks = weakref.WeakKeyDictionary()

    def popleft(self):
        """Take the first."""
        if not self.arranged:
            self.arranged = True
            self.arrange()
        return super().popleft()

    def arrange(self):
        """Order the steps of tasks which follow one another.

        What lies between them stays between: a task that a future has woken may not overtake the callbacks of that
        future (asyncio would go on to poll a socket which somebody else has by then).
        """
        now = list(self)  # in one go: other threads append to it meanwhile
        for ours, group in itertools.groupby(enumerate(now), lambda each: task_of(each[1]) is not None):
            if ours:
                self.order(list(group))

    def order(self, steps):
        """Order neighbours, in the places that they have together."""
        keys = [(self.key(task_of(handle)), number, handle) for number, (_, handle) in enumerate(steps)]
        for (at, _), (_, _, handle) in zip(steps, sorted(keys, key=lambda key: key[:2])):  # noqa: B905 - from 3.10
            self[at] = handle

    def key(self, task):
        """Return what the next step of a task is ordered by."""
        if task not in self.tasks:
            name = zlib.crc32(getattr(task.get_coro(), "__qualname__", "").encode())
            self.names[name] += 1
            self.tasks[task] = [self.seed, name, self.names[name], 0]
        self.tasks[task][3] += 1
        return hash(tuple(self.tasks[task]))  # of numbers: the same in every process


def task_of(handle):
    """Return the task whose step a handle is, or None."""
    owner = getattr(handle._callback, "__self__", None)
    return owner if isinstance(owner, asyncio.Task) else None


class ShuffledLoop(asyncio.SelectorEventLoop):
    """The selector loop of asyncio, whose turns begin with putting what is ready in order."""

    def __init__(self, seed):
        super().__init__()
        self._ready = Ready(seed)

    def _run_once(self):
        self._ready.arranged = False
        super()._run_once()


def run_shuffled(main, seed, channel):
    """Run a coroutine as asyncio.run does, on a shuffled loop."""
    loop = ShuffledLoop(seed)
    asyncio.set_event_loop(loop)
    channel.emit("OrderShuffled", seed=seed, loop="asyncio selector loop")
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            end_tasks(loop)
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def end_tasks(loop):
    """Cancel what is still there, and let it end."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
