"""Services of the kind `app`: contracts which name contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import parse, read
from pytest_startup.contract.templates import Address, Reference

Writes = Callable[[Mapping[str, str]], Path]

LAUNCH = '[launch]\ntarget = "main:app"\n'


def names(*others: str) -> str:
    """Return a contract which names others as those of its peers."""
    return LAUNCH + "".join(f'[services.{Path(other).stem}]\nkind = "app"\ncontract = "{other}"\n' for other in others)


@pytest.fixture
def writes(tmp_path: Path) -> Writes:
    """Write some contracts, and return the path of the first."""

    def write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path / next(iter(files))

    return write


def mistakes(path: Path) -> list[str]:
    """Return what is wrong with a contract, without the directory that the test happens to be in."""
    with pytest.raises(ContractError) as caught:
        read(path)
    here = str(path.parent.resolve())
    return [str(each).replace(f"{here}/", "").replace(f"{path.parent}/", "") for each in caught.value.mistakes]


def peer(contract: Contract, name: str) -> Contract:
    """Return the contract of a peer."""
    found = contract.service(name).peer
    assert found is not None
    return found


def test_peer(writes: Writes):
    """A peer's contract is read as if it were alone: its paths begin at its own file."""
    path = writes({"chat/startup.toml": names("../auth/auth.toml"), "auth/auth.toml": LAUNCH + 'directory = "src"\n'})
    found = peer(read(path), "auth")

    assert path.parents[1] / "auth" / "auth.toml" == found.source == read(path).service("auth").contract
    assert path.parents[1] / "auth" / "src" == found.launch.directory


def test_peer_of_a_peer(writes: Writes):
    """A peer may have peers of its own, and two applications may share one."""
    path = writes({"a.toml": names("b.toml", "c.toml"), "b.toml": names("c.toml"), "c.toml": LAUNCH})
    contract = read(path)

    assert peer(contract, "c") == peer(peer(contract, "b"), "c")


def test_without_a_file(writes: Writes, monkeypatch: pytest.MonkeyPatch):
    """The paths of a contract without a file begin where we are."""
    monkeypatch.chdir(writes({"auth.toml": LAUNCH}).parent)

    assert "main:app" == str(peer(parse(names("auth.toml")), "auth").launch.app)


def test_mistakes_of_a_peer(writes: Writes):
    """Every mistake of a peer's contract is told where that is named, with its own line, beside all others."""
    other = '[launch]\ntarget = "main"\nport = -1\n'
    path = writes({"a.toml": names("b.toml").replace("main:app", "main"), "b.toml": other})

    target = 'launch.target = "main": must be "package.module:name"; write target = "package.module:app"'
    port = "launch.port = -1: must be a whole number from 0 (any free port) to 65535; write port = 0"
    named = 'a.toml:5: services.b.contract = "b.toml"'
    assert [f"a.toml:2: {target}", f"{named}: line 2: {target}", f"{named}: line 3: {port}"] == mistakes(path)


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a.toml": names("a.toml")}, "a.toml -> a.toml"),
        ({"a.toml": names("b.toml"), "b.toml": names("a.toml")}, "a.toml -> b.toml -> a.toml"),
        ({"a.toml": names("b.toml"), "b.toml": names("c.toml"), "c.toml": names("b.toml")}, "b.toml -> c.toml -> b.toml"),  # noqa: E501
    ],
    ids=["itself", "each other", "further down"],
)  # fmt: skip
def test_circle(writes: Writes, files: Mapping[str, str], circle: str):
    """Applications which need each other are refused, and the circle is shown."""
    (said,) = mistakes(writes(files))

    assert f"leads back to itself: {circle}; one of them has to start without the other" in said


def test_peer_at_https(writes: Writes):
    """A peer which is up already can stand behind a tap, unless it wants to be known by its certificate."""
    files = {
        "a.toml": names("b.toml", "c.toml"),
        "b.toml": '[launch]\nurl = "https://b"',
        "c.toml": '[launch]\nurl = "http://c"',
    }

    (said,) = mistakes(writes(files))
    assert 'a.toml:5: services.b.contract = "b.toml": describes an application at https' in said


def test_templates(writes: Writes):
    """The address of a peer is like that of any service, and what it is told counts as what the contract refers to."""
    text = (
        names("auth.toml")
        + 'env = { KEY = "{secret.operator}" }\n[launch.env]\nAUTH = "{auth.url}{auth.host}{auth.port}"\n'
    )
    contract = read(writes({"a.toml": text, "auth.toml": LAUNCH}))

    assert Reference("secret", "operator") in set(contract.references())
    assert "http://127.0.0.1:7" == Address(protocol="app", host="127.0.0.1", port=7).url()
