"""The course of one boot: what is done with an application from its start to the moment before its stop."""

from __future__ import annotations

from collections.abc import Callable

from pytest_startup.boot import schema
from pytest_startup.boot.boot import Boot
from pytest_startup.boot.grace import GraceWalk
from pytest_startup.boot.model import Failing
from pytest_startup.boot.pace import Pace
from pytest_startup.boot.pair import Pair
from pytest_startup.boot.peers import Peers
from pytest_startup.boot.restart import Restart
from pytest_startup.boot.using import Using
from pytest_startup.boot.vigil import Vigil
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Target
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import MODEL_WALKER
from pytest_startup.events.process import BootedAgain, Exited, LogLine, RivalRan
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, StartFault, Variation

LAST_LINES = 8
"""Lines of the log of another boot which are kept."""


def record(
    contract: Contract,
    keeper: Keeper,
    variation: Variation = PLAIN,
    on_event: Callable[[Event], None] | None = None,
    peers: Peers | None = None,
) -> Trace:
    """Boot once, ask everything, stop, and return the trace; raises `StartupError` when it cannot even be tried."""
    with Boot(contract, keeper, variation, on_event, peers=peers) as boot:
        go_through(boot)
    return boot.trace


def go_through(boot: Boot) -> None:
    """Do everything that this boot is for."""
    exercise = boot.variation.exercise
    if exercise is not None and exercise.kind == "grace":  # whether it is ready is no question then
        GraceWalk(boot.examination, boot.contract.grace_period(exercise.name)).go()
    elif StartFault("port-raced") in boot.variation.faults:
        _race(boot)
    elif boot.variation.pair:
        Pair(boot).go()
    elif boot.until_ready():
        _look(boot, exercise)
        if boot.trouble is not None:
            Vigil(boot.examination, boot.trouble, boot.using).keep()
    if boot.variation.again:
        _boot_again(boot)


def _look(boot: Boot, exercise: Exercise | None) -> None:
    """Do with an application that is ready what this boot is for: watch it, unless there is more to do."""
    if exercise is not None and exercise.kind == "pace":
        Pace(boot).keep()
    elif exercise is not None and exercise.kind == "schema":
        schema.look(boot, exercise.name)
    elif boot.using is None:
        boot.observe()
        if boot.variation == PLAIN:
            _talk(boot)
    else:
        _use(boot, boot.using)


def _talk(boot: Boot) -> None:
    """Have somebody take a turn of the chat, once all has been seen of a start that nobody has used."""
    using = boot.in_use(Exercise("chat"))
    with using.begun():
        using.everything()


def _use(boot: Boot, using: Using) -> None:
    """Use what is there: first thing, as even a question may change it. In an outage that comes later."""
    boot.rest()
    if using.exercise.kind == "model":
        _fail(boot, using)
        return
    if using.exercise.kind == "outage":
        return
    using.everything()
    if using.exercise.kind == "broadcasts":
        Restart(boot, using.guests).go()
    if using.exercise.kind == "use":
        for service in boot.contract.services:
            boot.examination.pool(service, boot.patience())


def _fail(boot: Boot, using: Using) -> None:
    """Let a language model fail."""
    service = boot.contract.service(using.exercise.name)
    if service.failure is not None and service.name in boot.edge.taps:
        Failing(boot.examination, using.walker(MODEL_WALKER), service, service.failure).everything()


def _race(boot: Boot) -> None:
    """Start a second instance for the same port; who is ready in the end can only be told from inside."""
    if not isinstance(boot.contract.launch.app, Target):
        return
    rival = Boot(boot.contract, boot.keeper, peers=boot.peers)
    rival.take_port_of(boot)
    boot.followed_by(rival)
    with rival:
        boot.until_ready()
        ready = rival.until_ready()
    ended = rival.trace.first(Exited, asked=False)
    code = ended.code if ended is not None else None
    boot.recorder.add(RivalRan(at=boot.recorder.elapsed(), ready=ready, code=code, log=_last_lines(rival.trace)))


def _boot_again(boot: Boot) -> None:
    """Stop, and boot once more with the same services, as whoever looks after the process would."""
    boot.stop()
    ready, trace = boot.once_more()
    boot.recorder.add(
        BootedAgain(
            at=boot.recorder.elapsed(),
            ready=ready,
            seconds=trace.events[-1].at,
            observed=trace.why_unready(),
            log=_last_lines(trace),
        )
    )


def _last_lines(trace: Trace) -> tuple[str, ...]:
    return tuple(line.text for line in trace.all(LogLine)[-LAST_LINES:])
