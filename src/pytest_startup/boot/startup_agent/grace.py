"""Grace periods: the clock is moved, then the application is looked at, as it would look at itself at its next tick."""

import inspect
import types

from .calls import descend, intercept
from .clock import now
from .places import plain
from .words import describe


class Grace:
    """Looks at a place while time is moved; and the calls that do nothing in this boot, so that something is amiss."""

    def __init__(self, channel, places, time, plan):
        self.channel, self.places, self.time = channel, places, time
        self.skipped = plan["skipped"]
        self.told = set()

    def expect(self, after):
        """Take away the calls that do nothing, once their module is there."""
        for each in self.skipped:
            after.when(each["module"], lambda module, each=each: self.skip(module, each["name"], each["qualname"]))

    def skip(self, module, name, qualname):
        """Have a callable do nothing, whoever calls it by whatever reference."""
        try:
            owner, attribute, function = descend(module, qualname)
        except AttributeError:
            self.channel.emit("CallSkipped", callable=name, problem="%s has no %s" % (module.__name__, qualname))
            return
        around = self.nothing(name, waits=inspect.iscoroutinefunction(function))
        if isinstance(function, types.FunctionType):
            intercept(function, around)
        else:
            setattr(owner, attribute, lambda *args, **kwargs: around(function, args, kwargs))

    def nothing(self, name, waits):
        """Return what stands for a call that does nothing, and says so the first time."""

        def around(_original, _args, _kwargs):
            if name not in self.told:
                self.told.add(name)
                self.channel.emit("CallSkipped", callable=name, problem="")

        async def around_async(original, args, kwargs):
            around(original, args, kwargs)

        return around_async if waits else around

    async def look(self, seconds, look, status):
        """Let `seconds` pass at once, let the application look, and tell the value of its status."""
        self.time.move(seconds)
        began, value, problem = now(), None, ""
        try:
            if look is not None:
                await self.places.eventually(look)
            value = plain(await self.places.eventually(status))
        except Exception as error:
            problem = describe(error)
        return {"began": began, "status": value, "problem": problem}
