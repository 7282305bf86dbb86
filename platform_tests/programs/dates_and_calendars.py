# /// script
# dependencies = [
#     "dateparser", "python-dateutil", "arrow", "pendulum", "holidays", "croniter", "tzlocal", "humanize", "ciso8601",
#     "isodate", "convertdate", "whenever",
# ]
# [tool.mempip]
# container = true
# ///
"""Dates: languages as modules, zones in an archive and in a package, translations, C and Rust."""

import datetime

import arrow
import ciso8601
import croniter
import dateparser
import dateutil.parser
import dateutil.zoneinfo
import holidays
import humanize
import pendulum
import whenever

base = datetime.datetime(2020, 1, 15)
print(dateparser.parse("vor 3 Tagen", settings={"RELATIVE_BASE": base}), dateparser.parse("12 février 2015"))
print(
    dateutil.parser.parse("3 May 2020 10:00"),
    dateutil.zoneinfo.get_zonefile_instance().get("Europe/Berlin").utcoffset(base),
)
print(
    arrow.get(base).shift(days=-1).humanize(arrow.get(base), locale="fr"),
    pendulum.datetime(2020, 1, 1, tz="Asia/Tokyo").add(months=1),
)
print(pendulum.duration(days=10).in_words(locale="de"))
print(
    holidays.country_holidays("DE", subdiv="BY", years=2020).get("2020-01-06"),
    ciso8601.parse_datetime("2020-01-01T10:00:00Z"),
)
humanize.i18n.activate("fr_FR")
print(humanize.naturaltime(datetime.timedelta(seconds=30)), humanize.intword(12_000_000))
print(
    croniter.croniter("0 8 * * 1", base).get_next(datetime.datetime),
    whenever.ZonedDateTime(2020, 6, 1, tz="Europe/Paris"),
)
