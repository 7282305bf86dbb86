"""Fixtures of all platform tests; they are written in platform_tests.support."""

from __future__ import annotations

from platform_tests.support.fixtures import index, wheelhouse

__all__ = ["index", "wheelhouse"]
