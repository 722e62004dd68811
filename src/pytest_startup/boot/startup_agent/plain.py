"""Values of the application as JSON can carry them."""

DEEPEST = 6
LONGEST = 20_000  # characters of a text, items of a list


def plain(value, depth=0):
    """Return a value as JSON has it: an object as its public attributes, bytes and all else as a text."""
    if hasattr(type(value), "__members__"):  # an enumeration
        value = value.value
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)[:LONGEST]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode(errors="replace")[:LONGEST]
    if depth < DEEPEST:
        if isinstance(value, (list, tuple, set, frozenset)):
            return [plain(item, depth + 1) for item in list(value)[:LONGEST]]
        parts = attributes(value)
        if parts is not None:
            return {str(plain(key)): plain(item, depth + 1) for key, item in parts.items()}
    return str(value)[:LONGEST]


def attributes(value):
    """Return the items of a mapping, or what an object holds by public names; None where it holds nothing so."""
    if isinstance(value, dict):
        return value
    if isinstance(value, type) or callable(value):
        return None
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ()) or ()]
    held = dict(getattr(value, "__dict__", {}))
    if type(value).__module__ not in ("uuid", "decimal", "datetime", "pathlib"):
        held.update((name, getattr(value, name)) for name in slots if isinstance(name, str) and hasattr(value, name))
    found = {name: item for name, item in held.items() if not name.startswith("_")}
    return found or None
