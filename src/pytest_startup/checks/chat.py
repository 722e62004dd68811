"""The events of a turn of the chat, for one user: all there, in order, for this question, each in time (E1-E5).

And each is what its schema says (W21).
"""

from __future__ import annotations

from pytest_startup.contract.chat import Chat
from pytest_startup.contract.model import Contract
from pytest_startup.events.used import CHAT, JourneyStepped, SchemaViolated, TurnTaken
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def event(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the event `subject` of a turn came as it had to.

    That is in its place, in time, and with what must stand in it. Once a turn has left its script, nothing can be said
    of the events which would have come later.
    """
    chat, turn = contract.chat, trace.first(TurnTaken, exercise=CHAT)
    if chat is None or turn is None:
        return NotCovered("the contract declares no chat" if chat is None else _why_none(trace))
    if turn.about and blamed(turn, chat) == subject:
        did = "asked" if turn.questioned else "came"
        return [finding(turn, chat, subject, f"the one user who {did} at {turn.asked:.2f} s")]
    return [] if _came(turn, subject) else _why_not(turn)


def schema(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the event `subject` of a turn is what its schema says (W21).

    Where it should have come, and did not, is another matter.
    """
    chat, turn = contract.chat, trace.first(TurnTaken, exercise=CHAT)
    if chat is None or turn is None:
        return NotCovered("the contract declares no chat" if chat is None else _why_none(trace))
    if chat.schema(subject) is None:
        return NotCovered("neither the contract nor its document says what it must be")
    wrong = trace.first(SchemaViolated, exercise=CHAT, type=subject)
    if wrong is not None:
        return [_violated(wrong, turn, chat)]
    return [] if _came(turn, subject) else _why_not(turn)


def _violated(wrong: SchemaViolated, turn: TurnTaken, chat: Chat) -> Finding:
    where = f"{chat.asyncapi.file} describes it" if chat.asyncapi is not None else "the schema says so"
    return Finding(
        subject=wrong.type,
        expected=f"{wrong.path} of {wrong.type}: {wrong.expected}",
        observed=wrong.observed,
        at=turn.asked,
        look_at="where the frame is made: its clients were told otherwise",
        on_purpose=f"{where}: change it there, and tell those who read these frames",
    )


def _came(turn: TurnTaken, subject: str) -> bool:
    return subject in turn.types or subject in turn.greeting


def _why_not(turn: TurnTaken) -> NotCovered:
    if turn.about:
        return NotCovered(f"the turn went wrong before it: {turn.observed}")
    return NotCovered("it is optional, and did not come")


def _why_none(trace: Trace) -> str:
    failed = [each for each in trace.all(JourneyStepped) if each.walker.startswith(f"{CHAT}:") and each.problem]
    if failed:
        return f"the journey of whoever asks failed: {failed[0].request}: {failed[0].problem}"
    return trace.why_untried(CHAT, "nobody asked in this boot")


def blamed(turn: TurnTaken, chat: Chat) -> str:
    """Return the event of the script that a divergence is about; what is unheard of came instead of an end."""
    return turn.about if turn.about in chat.types else chat.last


def finding(turn: TurnTaken, chat: Chat, subject: str, who: str) -> Finding:
    """Return what was wrong with a turn."""
    timed = (f"{kind} {at:.2f} s" for kind, at in zip(turn.types, turn.times, strict=True))
    came = ", ".join([*turn.greeting, *timed]) or "nothing"
    since = "after the question" if turn.questioned or not chat.greeting else "after it connected"
    return Finding(
        subject=subject,
        expected=f"{who}: {turn.expected}",
        observed=f"{turn.observed}, {turn.diverged:.2f} s {since}",
        at=turn.asked + turn.diverged,
        look_at=f"the way of a question to its events; until then came: {came}",
        on_purpose="chat.events (and greeting) say what comes and when, chat.ignored what may come besides",
    )
