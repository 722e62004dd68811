"""Whether a turn of the chat can be as a contract says. It looks at the raw tables, as `agreement` does."""

from __future__ import annotations

from pytest_startup.contract import raw
from pytest_startup.contract.conversions import NONCE, texts_of
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed

TEMPLATE = f"{{{NONCE}}}"


def check(contract: Raw, spot: Spot) -> None:
    """Note what no turn could fulfil, or nobody could judge."""
    if "chat" not in contract:
        return
    chat, here = raw.table(contract["chat"]), spot / "chat"
    _check_nonce(chat, here)
    types = [_type(each) for _, each in raw.items(chat.get("events"))]
    _check_last(chat, types, here)
    for index, each in raw.items(chat.get("ignored")):
        if each in types:
            problem = "is one of the events, which are not ignored"
            (here / "ignored" / index).wrong(problem, value=each, fix="keep it in one of them")
    for index, pair in raw.items(chat.get("pairs")):
        _check_pair(raw.table(pair), types, here / "pairs" / index)
    if "answer" in chat or any("nonce" in raw.table(each) for _, each in raw.items(chat.get("events"))):
        for name, service in raw.table(contract.get("services")).items():
            _check_replies(raw.table(service), spot / "services" / name / "replies")


def _check_nonce(chat: Raw, spot: Spot) -> None:
    if "ask" in chat and not any(TEMPLATE in text for text in texts_of(chat["ask"])):  # type: ignore[arg-type]  # TOML
        problem = f"has no {TEMPLATE}, by which its answer could be told from an answer to something else"
        (spot / "ask").wrong(problem, fix=f"write {TEMPLATE} in the text of the question")


def _check_last(chat: Raw, types: list[str], spot: Spot) -> None:
    if not types:
        return
    index = len(types) - 1
    last = raw.table(dict(raw.items(chat.get("events")))[index])
    for word in ("optional", "repeated"):
        if last.get(word) is True:
            problem = "cannot be true of the last event: a turn ends with it, once"
            (spot / "events" / index / word).wrong(
                problem, value=True, fix="remove it, or name the event which ends it"
            )
    if types[index] and types[index] in types[:index]:
        problem = "is the last event and an earlier one as well, so that the end of a turn could not be told"
        (spot / "events" / index).wrong(problem, value=types[index], fix="name the event which ends a turn")


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
