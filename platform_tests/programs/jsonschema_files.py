# /// script
# dependencies = ["jsonschema"]
# [tool.mempip]
# container = true
# ///
"""Data files of jsonschema, by path."""

import jsonschema

draft = "https://json-schema.org/draft/2020-12/schema"
schema = {"$schema": draft, "type": "array", "items": {"type": "integer"}}
jsonschema.validate([1, 2], schema)
try:
    jsonschema.validate(["x"], schema)
except jsonschema.ValidationError as error:
    print(error)
print(sorted(jsonschema.validators._META_SCHEMAS))
