# /// script
# dependencies = ["tzdata"]
# [tool.mempip]
# container = true
# ///
"""Data files of tzdata, by path."""

import datetime
import zoneinfo

zoneinfo.reset_tzpath(())
zone = zoneinfo.ZoneInfo("America/New_York")
print(datetime.datetime(2020, 7, 1, tzinfo=zone).isoformat(), len(zoneinfo.available_timezones()))
