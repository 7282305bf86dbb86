# /// script
# dependencies = ["faker"]
# [tool.mempip]
# container = true
# ///
"""Providers and locales that are found by walking the package, and words of many languages."""

import faker
from faker.config import AVAILABLE_LOCALES, PROVIDERS

print(len(AVAILABLE_LOCALES), len(PROVIDERS), sorted(AVAILABLE_LOCALES)[:4], PROVIDERS[:3])
for locale in ("en_US", "de_DE", "ja_JP", "ar_EG", "ru_RU"):
    fake = faker.Faker(locale)
    fake.seed_instance(7)
    print(locale, fake.name(), fake.city(), fake.company(), fake.text(30))
many = faker.Faker(["fr_FR", "pl_PL"])
faker.Faker.seed(3)
print(many.address(), many.file_path(), many.mime_type(), many.credit_card_number())
