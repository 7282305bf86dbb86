# /// script
# dependencies = ["phonenumbers"]
# [tool.mempip]
# container = true
# ///
"""Hundreds of modules of data, imported by name when a region is first asked for."""

import datetime

import phonenumbers
from phonenumbers import carrier, geocoder, timezone

for text, region in (
    ("020 7946 0958", "GB"),
    ("+49 30 901820", None),
    ("+41 78 601 23 45", None),
    ("03 1234 5678", "JP"),
):
    number = phonenumbers.parse(text, region)
    print(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
        phonenumbers.is_valid_number(number),
        geocoder.description_for_number(number, "de"),
        carrier.name_for_number(number, "en"),
        timezone.time_zones_for_number(number),
    )
print(
    len(phonenumbers.SUPPORTED_REGIONS),
    [str(match) for match in phonenumbers.PhoneNumberMatcher("call 030 901820", "DE")],
)
