"""How old files must be (``--exclude-newer``, ``--uploaded-prior-to``): what users write → a moment, and who is older.

Pure functions, but for the clock. Upload times are PEP 700's.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from mempip.errors import UsageError
from mempip.installer.transport.addresses import is_file_url

if TYPE_CHECKING:
    from mempip.installer.index.model import ProjectFile
    from mempip.options import InstallOptions

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?", re.ASCII
)
_FRIENDLY = re.compile(r"(?P<number>\d+)\s*(?P<unit>hour|day|week)s?", re.ASCII)


def latest_upload(options: InstallOptions) -> datetime | None:
    """Return the moment before which files must have been uploaded; ``None`` if any age will do.

    A day without a time is the user's own: ``exclude_newer`` takes in all of it, as in uv, ``uploaded_prior_to`` ends
    where it begins, as in pip. Both also take durations, which count back from now. Raises `UsageError`.
    """
    moments = []
    if options.exclude_newer:
        moments.append(_moment("--exclude-newer", options.exclude_newer, timedelta(days=1)))
    if options.uploaded_prior_to:
        moments.append(_moment("--uploaded-prior-to", options.uploaded_prior_to, timedelta(0)))
    return min(moments, default=None)


def is_older(file: ProjectFile, moment: datetime) -> bool | None:
    """Whether `file` was uploaded before `moment`; ``None`` if its index does not tell.

    Files on this machine were put there by its user, and are old enough.
    """
    if is_file_url(file.url):
        return True
    try:
        uploaded = parse_time(file.upload_time)
    except ValueError:
        return None
    return uploaded < moment


def parse_time(text: str) -> datetime:
    """Parse an RFC 3339 timestamp; one without an offset is the user's own time. Raises `ValueError`."""
    # Python 3.10 knows neither "Z" nor fractions of seconds that have not 3 or 6 digits.
    text = re.sub(r"\.(\d+)", lambda match: "." + match[1][:6].ljust(6, "0"), text.strip())
    parsed = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    return parsed if parsed.tzinfo else parsed.astimezone()


def _moment(option: str, text: str, rest_of_day: timedelta) -> datetime:
    text = text.strip()
    try:
        if length := _duration(text):
            return datetime.now(timezone.utc) - length
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = date.fromisoformat(text) + rest_of_day
            return datetime(day.year, day.month, day.day).astimezone()
        return parse_time(text)
    except (ValueError, OverflowError) as fault:
        kinds = "2024-03-01, 2024-03-01T12:00:00Z, P7D or '7 days'"
        raise UsageError(option, f"{text!r} is no date, time or duration, such as {kinds}") from fault


def _duration(text: str) -> timedelta | None:
    if match := _FRIENDLY.fullmatch(text.lower()):
        return timedelta(**{f"{match['unit']}s": int(match["number"])})
    if (match := _DURATION.fullmatch(text)) and any(match.groups()):
        return timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})
    return None
