"""Every single value that a contract may hold: what is allowed, an example, its conversion, its schema."""

from __future__ import annotations

from pytest_startup.contract import conversions, placing
from pytest_startup.contract.kinds import Leaf, Schema, Wrong
from pytest_startup.contract.places import Place
from pytest_startup.contract.reading import Spot, nearest_of
from pytest_startup.contract.templates import references


def _note_component(place: Place, spot: Spot) -> None:
    if place.root == "component":
        spot.reading.begun.append((spot, place))


def _note_templates(text: str, spot: Spot) -> None:
    spot.reading.templates.extend((spot, reference) for reference in references(text))


def _note_all(texts: tuple[str, ...], spot: Spot) -> None:
    for text in texts:
        _note_templates(text, spot)


def word(*words: str) -> Leaf[str]:
    """Return the kind of a value which is one of `words`."""
    quoted = [f'"{each}"' for each in words]

    def convert(value: object) -> str:
        if value not in words:
            raise Wrong(nearest=nearest_of(value, words))
        return str(value)

    return Leaf(f"{', '.join(quoted[:-1])} or {quoted[-1]}", quoted[0], convert, {"enum": list(words)})


def reference(*sorts: str) -> Leaf[str]:
    """Return the kind of a name which must be declared as one of `sorts`."""
    words = f"the name of a {' or '.join(sorts)}"
    return Leaf(words, '"name"', conversions.text, _TEXT_SCHEMA, lambda name, spot: spot.refer(name, *sorts))


_TEXT_SCHEMA: Schema = {"type": "string", "minLength": 1}
_ARGV_SCHEMA: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}

TEXT = Leaf("a text, not empty", '"..."', conversions.text, _TEXT_SCHEMA)
FLAG = Leaf("true or false", "true", conversions.flag, {"type": "boolean"})
SECONDS = Leaf(
    "a number of seconds above 0, at most a day (86400)",
    "30.0",
    conversions.seconds,
    {"type": "number", "exclusiveMinimum": 0, "maximum": conversions.A_DAY},
)
MEBIBYTES = Leaf(
    "a number of MiB above 0, at most 1048576 (1 TiB)",
    "64.0",
    conversions.mebibytes,
    {"type": "number", "exclusiveMinimum": 0, "maximum": conversions.A_TEBIBYTE},
)
SHARE = Leaf(
    "a number above 0, at most 10 (0.15 is 15 %)",
    "0.15",
    conversions.share,
    {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
)
CONNECTIONS = Leaf(
    "a whole number of connections from 1 to 10000",
    "5",
    conversions.whole(1, 10000),
    {"type": "integer", "minimum": 1, "maximum": 10000},
)
LOCKS = Leaf(
    "a whole number of locks from 0 to 10000",
    "1",
    conversions.whole(0, 10000),
    {"type": "integer", "minimum": 0, "maximum": 10000},
)
PORT = Leaf(
    "a whole number from 0 (any free port) to 65535",
    "0",
    conversions.whole(0, 65535),
    {"type": "integer", "minimum": 0, "maximum": 65535},
)
STATUS = Leaf(
    "an HTTP status from 100 to 599",
    "200",
    conversions.whole(100, 599),
    {"type": "integer", "minimum": 100, "maximum": 599},
)
RATE = Leaf(
    "a whole number from 1 to 500",
    "20",
    conversions.whole(1, 500),
    {"type": "integer", "minimum": 1, "maximum": 500},
)
SCALAR = Leaf(
    "a text, a finite number, true or false",
    '"value"',
    conversions.scalar,
    {"type": ["string", "number", "boolean"]},
)
JSON_TABLE = Leaf(
    "a table of texts, finite numbers, true, false, arrays and tables",
    '{ name = "value" }',
    conversions.table,
    {"type": "object"},
)
FIELDS = Leaf(
    "a table of dotted paths and their values: texts, finite numbers, true, false, arrays",
    '{ status = "ok" }',
    conversions.fields,
    {"type": "object"},
)
PATH = Leaf("a path", '"."', conversions.path, _TEXT_SCHEMA)
PATTERN = Leaf(
    "a regular expression which is not found in an empty line",
    '"text of the line"',
    conversions.pattern,
    _TEXT_SCHEMA,
)
NAME = Leaf(
    "a name of letters, digits, _ and -, not beginning with a digit",
    '"database"',
    conversions.name,
    {"type": "string", "pattern": f"^{conversions.NAME.pattern}$"},
)
PASSED = Leaf(
    "the name of an environment variable, * for any text",
    '"AWS_PROFILE"',
    conversions.passed,
    {"type": "string", "pattern": f"^(?!PYTEST){conversions.PASSED.pattern}$"},
)
PHASE_NAME = NAME.noting(lambda name, spot: spot.declare("phase", name))
GRACE_NAME = NAME.noting(lambda name, spot: spot.declare("grace period", name))
TARGET = Leaf(
    '"package.module:name"',
    '"package.module:app"',
    conversions.target,
    {"type": "string", "pattern": "^[^:/\\s]+:[^:/\\s()]+$"},
)
FACTORY = Leaf(
    '"package.module:function"',
    '"package.module:create_app"',
    conversions.factory,
    TARGET.json,
)
CALLABLE = Leaf(
    '"package.module:function" or "package.module:Class.method"',
    '"package.module:function"',
    conversions.signal,
    TARGET.json,
)
URL = Leaf(
    '"http://host:port" or "https://host", without a query',
    '"http://127.0.0.1:8000"',
    conversions.url,
    {"type": "string", "pattern": "^(https?://|\\{)"},
    lambda url, spot: _note_templates(url.url, spot),
)
TEMPLATE = Leaf("a text", '"..."', conversions.template, {"type": "string"}, _note_templates)
ARGV = Leaf(
    "a command, as an array of texts",
    '["{python}", "-m", "package"]',
    conversions.argv,
    _ARGV_SCHEMA,
    _note_all,
)
COMMAND = Leaf(
    "a command: an array of texts, or one text which is split as a shell would",
    ARGV.example,
    conversions.command,
    {"anyOf": [_TEXT_SCHEMA, _ARGV_SCHEMA]},
    lambda command, spot: _note_all(command.argv, spot),
)
HEALTH_PATH = Leaf(
    "a path which begins with a slash, percent-encoded, without a fragment",
    '"/health"',
    conversions.health_path,
    {"type": "string", "pattern": f"^{conversions.HEALTH_PATH.pattern}$"},
)
STATUSES = Leaf(
    "an HTTP status from 100 to 599, or an array of them",
    "200",
    conversions.statuses,
    {"anyOf": [STATUS.json, {"type": "array", "items": STATUS.json, "minItems": 1}]},
)
CLOSE_CODE = Leaf(
    "a WebSocket close code from 1000 to 4999",
    "1013",
    conversions.whole(1000, 4999),
    {"type": "integer", "minimum": 1000, "maximum": 4999},
)
BYTES = Leaf(
    "a whole number of bytes from 1 to 67108864 (64 MiB)",
    "65536",
    conversions.whole(1, 1 << 26),
    {"type": "integer", "minimum": 1, "maximum": 1 << 26},
)
COUNT = Leaf(
    "a whole number from 1 to 10000",
    "100",
    conversions.whole(1, 10_000),
    {"type": "integer", "minimum": 1, "maximum": 10_000},
)
USERS = Leaf(
    "a whole number of users from 2 to 1000",
    "10",
    conversions.whole(2, 1000),
    {"type": "integer", "minimum": 2, "maximum": 1000},
)
TEMPLATED = Leaf("a text", '"{name}"', conversions.template, {"type": "string"})
"""As all that is templated: `usage` knows which names there are."""

TEMPLATED_URL = Leaf(
    "a path which begins with a slash, or a whole http(s) URL",
    '"/path"',
    conversions.templated_url,
    {"type": "string", "pattern": "^(/|https?://|\\{)"},
)
TEMPLATED_TEXTS = Leaf(
    "a table of texts",
    '{ name = "value" }',
    conversions.templated_texts,
    {"type": "object", "additionalProperties": {"type": "string"}},
)
TEMPLATED_JSON = Leaf(JSON_TABLE.words, JSON_TABLE.example, conversions.templated_json, JSON_TABLE.json)
TEMPLATED_VALUE = Leaf(
    "a text, a finite number, true, false, an array or a table",
    '"{nonce}"',
    conversions.templated_value,
    {"type": ["string", "number", "boolean", "array", "object"]},
)
PLAIN_VALUE = Leaf(
    TEMPLATED_VALUE.words,
    '"not JSON"',
    conversions.plain_value,
    {"type": ["string", "number", "boolean", "array", "object"]},
)
SQL = Leaf(
    "a statement, as a text",
    "\"select count(*) from orders where owner = '{user_id}'\"",
    conversions.templated_text,
    _TEXT_SCHEMA,
)
WORDS = Leaf(
    "a command, as an array of texts",
    '["GET", "{nonce}"]',
    conversions.argv,
    _ARGV_SCHEMA,
)
ROWS = Leaf(
    "a whole number from 0 to 10000",
    "1",
    conversions.whole(0, 10_000),
    {"type": "integer", "minimum": 0, "maximum": 10_000},
)
ASK = Leaf(
    "a table, a text, or an array of frames, each of which is a table, a text or an array",
    '{ type = "ask", text = "{nonce}" }',
    conversions.asked,
    {
        "anyOf": [
            {"type": ["object", "string"]},
            {"type": "array", "items": {"type": ["object", "string", "array"]}, "minItems": 1},
        ]
    },
)
SCHEMA = Leaf(
    "a JSON Schema, as a table, or the path of its file",
    '{ required = ["id"] }',
    conversions.schema,
    {"anyOf": [_TEXT_SCHEMA, {"type": "object"}]},
)
WILDCARD = Leaf("a text, not empty, * for any text", '"health_check_*"', conversions.text, _TEXT_SCHEMA)
JOURNEY_NAME = NAME.noting(lambda name, spot: spot.declare("journey", name))
DELIVERY_NAME = NAME.noting(lambda name, spot: spot.declare("delivery", name))
TOKEN_NAME = NAME.noting(lambda name, spot: spot.declare("token", name))
LIMIT_NAME = NAME.noting(lambda name, spot: spot.declare("limit", name))
CORS_NAME = NAME.noting(lambda name, spot: spot.declare("rule for origins", name))
PROFILE_NAME = NAME.noting(lambda name, spot: spot.declare("profile", name))
PUT_PLACE = Leaf(
    "a place which ends in a call",
    "\"component.send('{recipient}', '{nonce}')\"",
    placing.put,
    _TEXT_SCHEMA,
    _note_component,
)
CALLED_PLACE = Leaf(
    "a place",
    "\"component.get('{nonce}')\"",
    placing.called,
    _TEXT_SCHEMA,
    _note_component,
)
BELOW = Leaf("a dotted path of attributes", '"connections"', placing.below, _TEXT_SCHEMA)
ANY_PLACE = Leaf("a place", '"app.state.name"', placing.place, _TEXT_SCHEMA, _note_component)
ROOTED_PLACE = Leaf("a place", '"app.state.name"', placing.rooted, _TEXT_SCHEMA)
WRITTEN_PLACE = Leaf("a place", '"app.state.name"', placing.written, _TEXT_SCHEMA)
LINK_PLACE = Leaf(
    "a component and the path within it",
    '"component.attribute"',
    placing.within,
    _TEXT_SCHEMA,
    _note_component,
)
