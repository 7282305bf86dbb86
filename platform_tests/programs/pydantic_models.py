# /// script
# dependencies = ["pydantic"]
# [tool.mempip]
# container = true
# ///
"""pydantic-core (Rust) together with pure Python that inspects annotations and sources."""

from datetime import date
from typing import Optional

import pydantic


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=2)
    born: date
    parent: Optional["Person"] = None


person = Person.model_validate_json(
    '{"name": "Ada", "born": "1815-12-10", "parent": {"name": "Anne", "born": "1792-05-17"}}'
)
print(pydantic.VERSION, person.model_dump_json())
print(sorted(Person.model_json_schema()["$defs"]))
try:
    Person(name="A", born="never")
except pydantic.ValidationError as error:
    print([(row["loc"], row["type"]) for row in error.errors()])
