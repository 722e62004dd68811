"""The JSON Schemas of events, checked before anything is judged by them; and the files in which they stand.

Both libraries, of schemas and of YAML, are an extra: who declares no schema does not need them, nor pays for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_startup.contract.places import JsonValue

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

EXTRA = 'pip install "pytest-startup[schema]"'
YAML = (".yaml", ".yml")
DOCUMENT = "urn:document"
"""What a document is called in a reference into it."""


class Unreadable(ValueError):
    """A file holds no document; `fix` says what would help."""

    def __init__(self, problem: str, fix: str) -> None:
        """Take the `problem` and the `fix`."""
        super().__init__(problem)
        self.problem, self.fix = problem, fix


@dataclass(frozen=True, slots=True)
class EventSchema:
    """What the frames of an event must be: a schema of its own, or one within a `document`, by its reference.

    One within a document is of draft 7, which AsyncAPI has; others are of 2020-12 unless they say what they are.
    """

    schema: JsonValue
    document: JsonValue = None

    def validator(self) -> Validator:
        """Return what judges by it. References lead into its own document, and never to the network."""
        import jsonschema  # noqa: PLC0415 (a run without schemas does not pay for it)
        from referencing import Registry  # noqa: PLC0415 (as above)
        from referencing.jsonschema import DRAFT7  # noqa: PLC0415 (as above)

        registry: Any = Registry()
        if self.document is not None:
            registry = registry.with_resource(DOCUMENT, DRAFT7.create_resource(self.document))
        latest: Any = jsonschema.Draft202012Validator if self.document is None else jsonschema.Draft7Validator
        schema: Any = self.schema
        kind: Any = jsonschema.validators.validator_for(schema, default=latest)
        found: Validator = kind(schema, registry=registry)
        return found

    def problem(self) -> str:
        """Return why nothing can be judged by it; empty when all is well."""
        from jsonschema.exceptions import SchemaError  # noqa: PLC0415 (as above)
        from referencing import Registry  # noqa: PLC0415 (as above)
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 (as above)
        from referencing.jsonschema import DRAFT7, DRAFT202012  # noqa: PLC0415 (as above)

        dialect: Any = DRAFT202012 if self.document is None else DRAFT7
        whole = dialect.create_resource(self.schema if self.document is None else self.document)
        registry: Any = Registry().with_resource(DOCUMENT, whole)
        resolver = registry.resolver_with_root(whole) if self.document is None else registry.resolver(DOCUMENT)
        judge = type(self.validator())
        try:
            for part in _reached(self.schema, resolver, set()):
                judge.check_schema(part)
        except SchemaError as error:
            return f"is no JSON Schema: {error.json_path.removeprefix('$.')}: {error.message}"
        except Unresolvable as error:
            return f"has a reference which leads nowhere: {str(error.ref).removeprefix(DOCUMENT)}"
        return ""


def _reached(schema: JsonValue, resolver: Any, seen: set[str]) -> Iterator[Any]:  # noqa: ANN401 (of the library)
    """Yield a schema, and whatever its references lead to."""
    yield schema
    for reference in _references(schema):
        found = resolver.lookup(reference)
        where = f"{found.resolver._base_uri} {reference}"  # noqa: SLF001 - what a reference is relative to
        if where not in seen:
            seen.add(where)
            yield from _reached(found.contents, found.resolver, seen)


def _references(value: JsonValue) -> Iterator[str]:
    match value:
        case dict():
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield reference
            for name, item in value.items():
                if name not in {"const", "enum", "example", "examples", "default"}:  # values, not schemas
                    yield from _references(item)
        case list():
            for item in value:
                yield from _references(item)


# -- files ---------------------------------------------------------------------------------------------------------


def lacking() -> str:
    """Return which library is not there that schemas need; empty when it is."""
    return "" if find_spec("jsonschema") is not None else "jsonschema"


def load(path: Path) -> JsonValue:
    """Return the document in a JSON or YAML file; raises `Unreadable`."""
    if path.suffix.lower() in YAML and find_spec("yaml") is None:
        raise Unreadable("is YAML, and pyyaml is not installed", f"{EXTRA}, or write it as JSON")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8: {error.reason}", "save it as UTF-8") from None
    except OSError as error:
        problem = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise Unreadable(f"{problem}: {path}", "name a file, from the directory of the contract") from None
    return _yaml(text) if path.suffix.lower() in YAML else _json(text)


def _json(text: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is not JSON: {error}", "mend it, or name a .yaml file") from None
    return found


_BOOL, _TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


def _yaml(text: str) -> JsonValue:
    """Return what a text means in YAML as JSON has it: `on` is no truth value, and a date is a text (YAML 1.2)."""
    import yaml  # noqa: PLC0415 (who has no YAML does not pay for it)

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    kinds = {
        first: [(tag, pattern) for tag, pattern in known if tag not in {_BOOL, _TIME}]
        for first, known in base.yaml_implicit_resolvers.items()
    }
    loader: Any = type("Loader", (base,), {"yaml_implicit_resolvers": kinds})
    loader.add_implicit_resolver(_BOOL, re.compile("true|false"), list("tf"))
    try:
        found: JsonValue = _texts_for_keys(yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(f"is not YAML: {' '.join(str(error).split())}", "mend it") from None
    return found


def _texts_for_keys(value: object) -> Any:  # noqa: ANN401 (JSON)
    match value:
        case dict():
            return {str(key): _texts_for_keys(item) for key, item in value.items()}
        case list():
            return list(map(_texts_for_keys, value))
    return value
