"""What is public is documented, and every error can cross from one process to another."""

from __future__ import annotations

import inspect
import json
import pickle
from pathlib import Path

import pytest

import mempip
import mempip_native
from mempip import errors

README = Path(__file__).parents[1] / "README.md"

#: Errors without a way out of their own, and why.
NO_HINT = {
    "LibraryNotLoadable": "whoever raises it knows whether there is a way out",
    "ProtocolError": "a fault of the program at the other end",
    "UsageError": "the message names the option and what it takes",
}

ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.MempipError) and "__init__" in vars(kind)
]
ERRORS.remove(errors.MempipError)  # the root is not raised
SAMPLES = {
    "str": "text",
    "int": 7,
    "Sequence[str]": ["one", "two"],
    "Mapping[str, str]": {"name": "value"},
}


def sample(kind: type[errors.MempipError], *, hint: bool = True) -> errors.MempipError:
    """Return an error made of values that its constructor's annotations ask for."""
    parameters = inspect.signature(kind).parameters.values()
    return kind(*(SAMPLES[row.annotation] for row in parameters if hint or row.name != "hint"))


@pytest.mark.parametrize("module", [mempip, mempip_native])
def test_everything_in_all_exists_and_says_what_it_is(module) -> None:
    assert sorted(module.__all__) == sorted(set(module.__all__))
    for name in module.__all__:
        value = getattr(module, name)
        if callable(value):
            assert inspect.getdoc(value), name


def test_the_readme_names_everything_public() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in mempip.__all__ if f"mempip.{name}" not in text] == []


def test_nothing_public_is_missing_from_all() -> None:
    public = {
        name
        for name, value in vars(mempip).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name not in ("TYPE_CHECKING", "annotations")
    }
    assert public - set(mempip.__all__) == set()


def test_no_such_attribute() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = mempip.no_such_thing


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_has_a_hint_or_a_reason_not_to(kind: type[errors.MempipError]) -> None:
    assert bool(sample(kind, hint=False).hint) != (kind.__name__ in NO_HINT)


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("way", ["wire", "pickle"])
def test_an_error_crosses_unchanged(kind: type[errors.MempipError], way: str) -> None:
    error = sample(kind)
    error.hint = "what the one who raised it knew"
    if way == "pickle":
        again = pickle.loads(pickle.dumps(error))
    else:
        again = errors.from_wire(json.loads(json.dumps(errors.to_wire(error))))
    assert type(again) is kind
    assert (str(again), again.hint, again.data) == (str(error), error.hint, error.data)
    assert {name: getattr(again, name) for name in error.data} == error.data


def test_an_error_of_a_newer_version() -> None:
    error = errors.from_wire({"error": "FromTheFuture", "hint": "", "data": {"planet": "Mars"}})
    assert isinstance(error, errors.InstallerFailed)
    assert "FromTheFuture" in str(error)
    assert "Mars" in error.details


def test_errors_are_documented() -> None:
    assert [kind.__name__ for kind in ERRORS if not kind.__doc__] == []
