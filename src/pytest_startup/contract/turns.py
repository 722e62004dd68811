"""Whether a turn of the chat can be as a contract says. It looks at the raw tables, as `agreement` does.

And the steps of journeys which are turns, joined with the chat that they are turns of.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_startup.contract import raw
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.conversions import NONCE, texts_of
from pytest_startup.contract.journeys import Journey, Step
from pytest_startup.contract.minting import Mint
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed
from pytest_startup.contract.socket_steps import Quiet
from pytest_startup.contract.sockets import check_frame

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

TEMPLATE = f"{{{NONCE}}}"

TEMPLATED = ("socket", "ask", "asks", "fields")
"""The keys of a chat in which templates stand."""

GREETED = TEMPLATED[1:]
"""Those of them in which also stands what a greeting said."""

MARGIN_SECONDS = 1.0
"""How much longer a step may take than its turn, or than it is to be quiet."""


def joined(contract: Contract) -> Contract:
    """Return the contract with its chat in every step which is a turn of it."""
    return replace(contract, journeys=tuple(_journey(each, contract) for each in contract.journeys))


def _journey(journey: Journey, contract: Contract) -> Journey:
    return replace(journey, steps=tuple(_step(each, contract) for each in journey.steps))


def _step(step: Step, contract: Contract) -> Step:
    if isinstance(step.action, Mint) and step.action.key_file is not None:
        return replace(step, action=replace(step.action, key_file=contract.root / step.action.key_file))
    if isinstance(step.action, Quiet):
        return replace(step, max_seconds=max(step.max_seconds, step.action.seconds + MARGIN_SECONDS))
    if not isinstance(step.action, Turn) or contract.chat is None:
        return step
    seconds = max(step.max_seconds, contract.chat.max_seconds + MARGIN_SECONDS)
    return replace(step, action=replace(step.action, chat=contract.chat), max_seconds=seconds)


def check(contract: Raw, spot: Spot) -> None:
    """Note what no turn could fulfil, or nobody could judge."""
    _check_steps(contract, spot / "journeys")
    if "chat" not in contract:
        return
    chat, here = raw.table(contract["chat"]), spot / "chat"
    _check_socket(chat, here)
    _check_nonce(chat, here)
    if "ask" in chat:
        check_frame(chat["ask"], raw.table(chat.get("socket")), here / "ask")
    types = [_type(each) for _, each in raw.items(chat.get("events"))]
    _check_last(chat, types, here)
    _check_greeting(chat, here)
    greeting = [_type(each) for _, each in raw.items(chat.get("greeting"))]
    for index, each in raw.items(chat.get("ignored")):
        if each in types or each in greeting:
            problem = "is one of the events, which are not ignored"
            (here / "ignored" / index).wrong(problem, value=each, fix="keep it in one of them")
    for index, each in raw.items(chat.get("never")):
        hit = next((kind for kind in [*greeting, *types] if isinstance(each, str) and fnmatchcase(kind, each)), None)
        if hit is not None:
            problem = f"would forbid {hit}, which is one of the events"
            (here / "never" / index).wrong(problem, value=each, fix="keep it in one of them")
    for index, pair in raw.items(chat.get("pairs")):
        _check_pair(raw.table(pair), types, here / "pairs" / index)
    if "answer" in chat or any("nonce" in raw.table(each) for _, each in raw.items(chat.get("events"))):
        for name, service in raw.table(contract.get("services")).items():
            _check_replies(raw.table(service), spot / "services" / name / "replies")


def _check_steps(contract: Raw, spot: Spot) -> None:
    """Note turns of no chat, and those which would be made by everybody who is about to make one."""
    before = raw.table(contract.get("chat")).get("journey")
    for index, each in raw.items(contract.get("journeys")):
        journey = raw.table(each)
        disturbing = raw.table(journey.get("disturbance")).get("steps")
        for steps, here in ((journey.get("steps"), spot / index), (disturbing, spot / index / "disturbance")):
            for number, step in raw.items(steps):
                if "turn" in raw.table(step):
                    _check_turn(here / "steps" / number / "turn", contract, main=journey.get("name") == before)


def _check_turn(spot: Spot, contract: Raw, *, main: bool) -> None:
    if "disturbance" in spot.path:
        spot.wrong("cannot disturb a start: nobody chats before it is over", fix="do it in the steps of the journey")
    elif "chat" not in contract:
        spot.wrong("is a turn of the chat, and the contract has no [chat]", fix="declare [chat]")
    elif main:
        spot.wrong("is in the journey which chat.journey names: it comes before a turn", fix="give it its own journey")


def _check_socket(chat: Raw, spot: Spot) -> None:
    """Note when nothing says where to connect."""
    told, fix = chat.get("socket"), 'write socket = { path = "/ws" }'
    if "asyncapi" in chat or isinstance(told, str):
        return
    if "socket" not in chat:
        (spot / "socket").wrong("is missing; must be a path or a table", fix=fix)
    elif isinstance(told, dict) and "path" not in told:
        problem = "is missing; must be a path which begins with a slash, or a whole http(s) URL"
        (spot / "socket" / "path").wrong(problem, fix='write path = "/path"')


def _check_nonce(chat: Raw, spot: Spot) -> None:
    for word in ("ask", "asks"):
        if word in chat and not any(TEMPLATE in text for text in texts_of(chat[word])):  # type: ignore[arg-type]  # TOML
            problem = f"has no {TEMPLATE}, by which its answer could be told from an answer to something else"
            (spot / word).wrong(problem, fix=f"write {TEMPLATE} in the text of the question")


def _check_greeting(chat: Raw, spot: Spot) -> None:
    """Note what nothing said before the question could have."""
    if "capture" in chat and not chat.get("greeting"):
        problem = "takes nothing: there is no greeting whose frames could have it"
        (spot / "capture").wrong(problem, fix="declare greeting, or remove it")
    for index, each in raw.items(chat.get("greeting")):
        if "nonce" in raw.table(each):
            problem = "cannot be in a greeting: it comes before the question"
            (spot / "greeting" / index / "nonce").wrong(problem, fix="remove it")
    events = list(raw.items(chat.get("greeting")))
    if events:
        _check_end(raw.table(events[-1][1]), spot / "greeting" / events[-1][0], "a greeting")


def _check_last(chat: Raw, types: list[str], spot: Spot) -> None:
    if not types:
        return
    index = len(types) - 1
    _check_end(raw.table(dict(raw.items(chat.get("events")))[index]), spot / "events" / index, "a turn")
    if types[index] and types[index] in types[:index]:
        problem = "is the last event and an earlier one as well, so that the end of a turn could not be told"
        (spot / "events" / index).wrong(problem, value=types[index], fix="name the event which ends a turn")


def _check_end(last: Raw, spot: Spot, what: str) -> None:
    for word in ("optional", "repeated"):
        if last.get(word) is True:
            problem = f"cannot be true of the last event: {what} ends with it, once"
            (spot / word).wrong(problem, value=True, fix="remove it, or name the event which ends it")


def _check_pair(pair: Raw, types: list[str], spot: Spot) -> None:
    for word in ("begin", "end"):
        if word in pair and pair[word] not in types:
            problem = f"is none of the events; these are {listed(types)}"
            (spot / word).wrong(problem, value=pair[word], fix="name one of them")
    if "end" in pair and pair.get("begin") == pair["end"]:
        (spot / "end").wrong("is what begins it as well", value=pair["end"], fix="name the event which ends it")


def _check_replies(service: Raw, spot: Spot) -> None:
    """Note replies of the model's stub by which no answer could be told from another one."""
    replies = [raw.table(each) for _, each in raw.items(service.get("replies"))]
    if replies and not any(TEMPLATE in text for reply in replies for text in texts_of(reply)):
        problem = f"has no {TEMPLATE}, and the chat says that it must come back"
        spot.wrong(problem, fix=f"write {TEMPLATE} in what the model says, and calls tools with")


def _type(event: object) -> str:
    return event if isinstance(event, str) else str(raw.table(event).get("type", ""))
