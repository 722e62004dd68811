"""A turn of which every frame is kept, for whoever wants to look at it."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pytest_startup.chat.conversation import Conversation, Verdict
from pytest_startup.chat.frames import document_of, text_of, type_of
from pytest_startup.contract.chat import Chat
from pytest_startup.report.script import Came


def came(chat: Chat, frame: str | bytes, at: float) -> Came:
    """Return a frame as it is looked at, `at` seconds after the question."""
    text = text_of(frame)
    document = document_of(text)
    return Came(type_of(document, text, chat.type), document, text, at)


def is_ignored(chat: Chat, kind: str) -> bool:
    """Whether frames of a type may come at any time."""
    if kind in chat.types or any(fnmatchcase(kind, each) for each in chat.never):
        return False
    return any(fnmatchcase(kind, each) for each in chat.ignored)


class Followed(Conversation):
    """A turn; `frames` are all that came, those after the first divergence too."""

    def __init__(self, chat: Chat, nonce: str, earlier: Iterable[str] = ()) -> None:
        """Begin as `Conversation` does."""
        super().__init__(chat, nonce, earlier)
        self.frames: list[Came] = []

    def feed(self, frame: str | bytes, at: float) -> Verdict:
        """Take a frame, and keep it."""
        diverged = self.divergence is not None
        verdict = super().feed(frame, at)
        each = came(self.chat, frame, at)
        counts, wrong = diverged or verdict != "ignored", verdict == "wrong"
        self.frames.append(Came(each.type, each.frame, each.text, at, counts, wrong))
        return verdict
