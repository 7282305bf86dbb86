# /// script
# dependencies = ["babel"]
# [tool.mempip]
# container = true
# ///
"""Data files of babel, by path."""

import datetime

import babel.dates
import babel.numbers
from babel import Locale, localedata

print(babel.dates.format_date(datetime.date(2020, 2, 3), "full", locale="de_AT"))
print(babel.numbers.format_currency(1234.5, "EUR", locale="fr"), len(localedata.locale_identifiers()))
print(Locale("sv").territories["DE"], babel.dates.get_timezone_name("Europe/Paris", locale="it"))
