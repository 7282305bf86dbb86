# /// script
# dependencies = ["pytz"]
# ///
"""Data files of pytz, by path."""

import datetime

import pytz

print(pytz.timezone("Europe/Berlin").localize(datetime.datetime(2020, 7, 1)), len(pytz.all_timezones))
print(pytz.country_timezones["nz"], pytz.country_names["fr"])
