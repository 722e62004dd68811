"""How an error is told in one line."""


def describe(error: BaseException) -> str:
    """Return the kind of the error and what it says, also where it says nothing."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
