# /// script
# dependencies = ["email-validator", "pydantic[email]"]
# [tool.mempip]
# container = true
# ///
"""Addresses validated with the tables of idna, without the DNS."""

import email_validator
import pydantic

for address in ("ada@example.org", "ø@exämple.org", "no", "a@b@c", "x@localhost"):
    try:
        valid = email_validator.validate_email(address, check_deliverability=False)
        print(valid.normalized, valid.ascii_domain)
    except email_validator.EmailNotValidError as error:
        print(error)


class Person(pydantic.BaseModel):
    email: pydantic.EmailStr


print(Person(email="ada@EXAMPLE.org"))
