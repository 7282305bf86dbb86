"""Damaged bytes are refused in words, whoever reads them: a bounded part of what ``nox -s fuzz`` looks for."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("there is no daemon", allow_module_level=True)

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fuzz_targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=150)
@given(data=st.data())
def test_damage(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    damaged = bytearray(target.sample)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(damaged)))
        damaged[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    target.read(bytes(damaged))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=50)
@given(noise=st.binary(max_size=300))
def test_noise(name: str, noise: bytes) -> None:
    TARGETS[name].read(noise)
