# /// script
# dependencies = ["pycountry", "countryinfo", "holidays"]
# ///
"""Databases in JSON and translations in .mo files, by path; hundreds of modules of holidays."""

import datetime
import gettext

import holidays
import pycountry

print(len(pycountry.countries), pycountry.countries.get(alpha_2="NO").name, pycountry.languages.get(alpha_3="ain").name)
print(pycountry.countries.search_fuzzy("Slovak")[0].alpha_3, len(pycountry.subdivisions.get(country_code="AT")))
german = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["de"])
print(german.gettext("Germany"), german.gettext("Norway"))
print(holidays.country_holidays("NO", years=2024, language="en_US")[datetime.date(2024, 5, 17)])
print(len(holidays.list_supported_countries()) > 100, holidays.country_holidays("DE", years=2024)["2024-10-03"])
