"""Options: where a value comes from, and what is said of a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup import options

GIVEN = {
    "startup_min_checks": ("3", 3),
    "startup_target": ("main:app", "main:app"),
    "startup_provider": ("native", "native"),
    "startup_postgres_url": ("postgresql://127.0.0.1/x", "postgresql://127.0.0.1/x"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_precedence(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str):
    """The command line wins over the environment, the environment over the ini, the ini over the default."""
    option = next(each for each in options.TABLE if each.name == name)
    text, value = GIVEN[name]
    assert getattr(options.Options(), name) == getattr(options.read(project.parseconfig()), name)

    project.makefile(".ini", pytest=f"[pytest]\n{option.ini} = {text}\n")
    assert getattr(options.read(project.parseconfig()), name) == value
    monkeypatch.setenv(option.variable, "nonsense")
    with pytest.raises(pytest.UsageError, match=f"^{option.variable} 'nonsense'"):
        options.read(project.parseconfig())
    assert getattr(options.read(project.parseconfig(f"{option.flag}={text}")), name) == value


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("yes", True), ("off", False), ("", False)])
def test_flags_in_the_environment(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, text: str, *, expected: bool
):
    """A flag can be set and unset by the environment."""
    monkeypatch.setenv("PYTEST_STARTUP_REAL_SERVICES", text)
    assert options.read(project.parseconfig()).real_services is expected


def test_flag_in_the_ini_is_undone_by_the_environment(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """An explicit no is a value: it wins over the ini."""
    project.makefile(".ini", pytest="[pytest]\nstartup_real_services = true\n")
    assert options.read(project.parseconfig()).real_services
    monkeypatch.setenv("PYTEST_STARTUP_REAL_SERVICES", "no")
    assert not options.read(project.parseconfig()).real_services


BAD = {
    "--startup-contract=nowhere.toml": "--startup-contract 'nowhere.toml' is no file (looked at ",
    "--startup-trace=nowhere.jsonl": "--startup-trace 'nowhere.jsonl' is no file (looked at ",
    "--startup-target=main": "--startup-target 'main' is neither `module:attribute` nor an http(s) URL",
    "--startup-min-checks=0": "--startup-min-checks '0' is not a whole number; give 1 or more",
    "--startup-provider=podman": (
        "--startup-provider 'podman' is no provider; allowed are auto, external, embedded, native, docker"
    ),
    "--startup-save=": "--startup-save '' is empty",
    "--startup-postgres-url=mysql://me:hunter2@h/x": "--startup-postgres-url 'mysql://***@h/x' is not the URL",
    "--startup-postgres-image=Postgres 17": "--startup-postgres-image 'Postgres 17' is not the name of an image",
    "--startup-redis-image=": "--startup-redis-image '' is not the name of an image; write it like registry.",
    "--startup-redis-url=127.0.0.1:6379": "--startup-redis-url '127.0.0.1:6379' is not the URL",
}


def test_all_mistakes_at_once(project: pytest.Pytester):
    """Every bad value is named, with what is allowed, in one usage error; passwords are not repeated."""
    run = project.runpytest_inprocess(*BAD)
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    for sentence in BAD.values():
        run.stderr.fnmatch_lines([f"*{sentence.replace('[', '[[]')}*"])
    assert "hunter2" not in run.stderr.str()


def test_contract_and_target_exclude_each_other(project: pytest.Pytester):
    """A target stands in a contract already."""
    run = project.runpytest_inprocess("--startup-contract=startup.toml", "--startup-target=main:app")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*exclude each other*"])


def test_paths_of_the_ini_begin_at_the_ini(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """A relative path means the same file wherever pytest is started."""
    project.makefile(".ini", pytest="[pytest]\nstartup_contract = startup.toml\n")
    monkeypatch.chdir(project.mkdir("below"))
    assert options.read(project.parseconfig()).startup_contract == project.path / "startup.toml"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "auto"),
        ({"real_services": True}, "docker"),
        ({"real_services": True, "startup_provider": "native"}, "native"),
        ({"real_services": True, "startup_redis_url": "redis://127.0.0.1"}, "docker"),
        ({"startup_provider": "embedded"}, "embedded"),
    ],
)
def test_real_services_come_out_of_containers_unless_chosen(values: dict[str, object], expected: str):
    """Nobody gets embedded servers for real ones by accident."""
    assert expected == options.Options(**values).provider  # type: ignore[arg-type]


def test_help_and_readme_list_every_option(project: pytest.Pytester):
    """One table makes them all."""
    told = project.runpytest_inprocess("--help").stdout.str()
    for option in options.TABLE:
        assert option.flag in told
        assert option.ini in told
        assert f"`{option.variable}`" in options.readme()


def test_readme_table_is_printed(project: pytest.Pytester):
    """`python -m pytest_startup.options` prints the table of the README."""
    printed = project.runpython_c("import runpy; runpy.run_module('pytest_startup.options', run_name='__main__')")
    assert options.readme() == printed.stdout.str().strip()


def test_name_of_an_option_says_where_it_is():
    """Ini keys and variables follow from the name."""
    named = {option.name: (option.flag, option.ini, option.variable) for option in options.TABLE}
    assert named["real_services"] == ("--real-services", "startup_real_services", "PYTEST_STARTUP_REAL_SERVICES")
    assert named["startup_save"] == ("--startup-save", "startup_save", "PYTEST_STARTUP_SAVE")


def test_readers_do_not_touch_the_disk():
    """A path that will be written is not made before it is needed."""
    assert options.writable("a/b", Path("/nowhere")) == Path("/nowhere/a/b")
