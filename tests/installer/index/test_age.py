"""How old files must be: dates, times and durations, as uv's and pip's options take them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from mempip.errors import UsageError
from mempip.installer.index.age import is_older, latest_upload, parse_time
from mempip.installer.index.model import ProjectFile
from mempip.options import InstallOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW_YEAR = datetime(2024, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        yield
        return
    with monkeypatch.context() as context:
        context.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"exclude_newer": "2024-01-01T00:00:00Z"}, NEW_YEAR),
        ({"exclude_newer": "2024-01-01T02:00:00+02:00"}, NEW_YEAR),
        ({"exclude_newer": "2023-12-31"}, NEW_YEAR),
        ({"uploaded_prior_to": "2024-01-01"}, NEW_YEAR),
        ({"uploaded_prior_to": "2024-01-01T00:00:00"}, NEW_YEAR),
        ({"uploaded_prior_to": "2024-01-01", "exclude_newer": "2024-06-01"}, NEW_YEAR),
    ],
)
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="days are those of this machine's time zone")
def test_moments(options: dict[str, str], expected: datetime | None) -> None:
    assert latest_upload(InstallOptions(**options)) == expected


@pytest.mark.parametrize(
    ("text", "hours"),
    [("P7D", 168), ("PT24H", 24), ("P1W", 168), ("P1DT1H", 25), ("24 hours", 24), ("1 week", 168), ("30 days", 720)],
)
def test_durations(text: str, hours: int) -> None:
    for option in ("exclude_newer", "uploaded_prior_to"):
        before = datetime.now(timezone.utc) - timedelta(hours=hours)
        moment = latest_upload(InstallOptions(**{option: text}))
        assert moment is not None
        assert before <= moment <= datetime.now(timezone.utc) - timedelta(hours=hours)


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024", "P", "PT", "01/02/2024", "99999999999 days"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match=r"--exclude-newer: .* is no date, time or duration"):
        latest_upload(InstallOptions(exclude_newer=text))


@pytest.mark.parametrize(
    "text", ["2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.500000Z", "2024-01-01T00:00:00.5000000+00:00"]
)
def test_fractions_of_seconds(text: str) -> None:
    assert parse_time(text) == NEW_YEAR + timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("url", "uploaded", "expected"),
    [
        ("https://i/a-1-py3-none-any.whl", "2023-12-31T23:59:59Z", True),
        ("https://i/a-1-py3-none-any.whl", "2024-01-01T00:00:00Z", False),
        ("https://i/a-1-py3-none-any.whl", "", None),
        ("https://i/a-1-py3-none-any.whl", "long ago", None),
        ("file:///wheels/a-1-py3-none-any.whl", "", True),
    ],
)
def test_files(url: str, uploaded: str, expected: bool | None) -> None:
    assert is_older(ProjectFile("a-1-py3-none-any.whl", url, upload_time=uploaded), NEW_YEAR) is expected
