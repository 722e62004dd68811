"""What a page has in it for whoever answers it: the fields of its forms, hidden ones too, and its metadata."""

from __future__ import annotations

from html.parser import HTMLParser

from pytest_startup.boot.outgoing import Answer


class Page(HTMLParser):
    """An HTML page: `inputs` is name -> value of its inputs, `metas` name -> content; the first of a name counts."""

    def __init__(self, answer: Answer) -> None:
        """Read the body of an answer, however broken it is, as HTML."""
        super().__init__(convert_charrefs=True)
        self.inputs: dict[str, str] = {}
        self.metas: dict[str, str] = {}
        self.feed(answer.body.decode(_charset(answer), errors="replace"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an input with its value, and metadata with its content."""
        told = {name: value or "" for name, value in attrs}
        if tag == "input" and told.get("name"):
            self.inputs.setdefault(told["name"], told.get("value", ""))
        if tag == "meta" and told.get("name"):
            self.metas.setdefault(told["name"], told.get("content", ""))


def _charset(answer: Answer) -> str:
    """Return how a page is encoded, as its header says; UTF-8 unless it does, or what it says is unknown."""
    from email.message import Message  # noqa: PLC0415 (a run without pages does not pay for it)

    head = Message()
    head["Content-Type"] = next((text for name, text in answer.headers if name.lower() == "content-type"), "text/html")
    found = str(head.get_param("charset", "utf-8"))
    try:
        "".encode(found)
    except LookupError:
        return "utf-8"
    return found
