"""What somebody asks in a turn of the chat: frames, or a request; filled when all is known that stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_startup.boot import asking
from pytest_startup.boot.outgoing import Question
from pytest_startup.boot.values import Values, secrets_among, secrets_in
from pytest_startup.contract import chat
from pytest_startup.contract.places import JsonValue

Ask = Callable[[Mapping[str, JsonValue]], Question]
"""Makes a question of what a greeting has said."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks this, of whom these values are known; `cookies` are theirs at a URL.

    What is to be masked is put with `secrets`.
    """

    question: chat.Question
    fields: Mapping[str, str]
    values: Values
    cookies: Callable[[str], Mapping[str, str]]
    secrets: list[str]

    def after(self, greeted: Mapping[str, JsonValue]) -> Question:
        """Return what is asked after a greeting that said this; raises `ContractError` for a useless template."""
        values = self.values.within(**greeted)
        self.secrets.extend(secrets_among(greeted))
        fields = {path: values.filled(text) for path, text in self.fields.items()}
        if self.question.request is None:
            frames = [values.text(e) if isinstance(e, str) else values.filled(e) for e in self.question.frames]
            self.secrets.extend(secrets_in(frames))
            return Question(fields, tuple(each if isinstance(each, str) else json.dumps(each) for each in frames))
        asked = self.question.request
        request = asking.request(asked, values, more=self.cookies(values.url(asked.request.url)))
        self.secrets.extend(asking.secrets_of(request))
        return Question(fields, request=request, status=asked.status)

    def asks(self, *, greeted: bool) -> Ask:
        """Return what makes the question: at once, unless something of it is still to come in a greeting.

        Then its secrets are known before anything is sent.
        """
        if greeted:
            return self.after
        question = self.after({})
        return lambda _: question
