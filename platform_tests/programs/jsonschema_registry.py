# /// script
# dependencies = ["jsonschema-specifications", "fastjsonschema", "openapi-spec-validator"]
# [tool.mempip]
# container = true
# ///
"""Schemas that are shipped as files, walked by importlib.resources, and used to judge descriptions of interfaces."""

import fastjsonschema
import openapi_spec_validator
from jsonschema_specifications import REGISTRY
from openapi_spec_validator.schemas import get_schema_content

print(len(REGISTRY), sorted(REGISTRY)[:4])
print(REGISTRY.contents("https://json-schema.org/draft/2020-12/meta/core")["title"])
for version in ("2.0", "3.0", "3.1"):
    print(version, len(get_schema_content(version)))
spec = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "d"}}}}},
}
openapi_spec_validator.validate(spec)
for error in openapi_spec_validator.OpenAPIV31SpecValidator({**spec, "info": {}}).iter_errors():
    print(error.message)
print(fastjsonschema.compile({"type": "array", "maxItems": 2})([1, 2]))
