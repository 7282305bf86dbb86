# /// script
# dependencies = ["ujson", "python-rapidjson", "simplejson", "pysimdjson", "json5", "hjson"]
# [tool.mempip]
# container = true
# ///
"""JSON by several extensions in C and C++."""

import decimal
import io

import json5
import rapidjson
import simdjson
import simplejson
import ujson

text = '{"a": [1, 2.5, null, true], "b": "\\u00f8", "c": {"d": 12345678901234567890}}'
for module in (ujson, rapidjson, simplejson):
    print(module.__name__, module.dumps(module.loads(text)))
parser = simdjson.Parser()
print(parser.parse(text.encode()).at_pointer("/a/1"), simdjson.loads(text)["b"], parser.implementation[0] != "")
print(simplejson.dumps(decimal.Decimal("1.10")), simplejson.decoder.c_scanstring is not None)
print(rapidjson.Validator('{"type": "object"}')("{}"), json5.loads("{a: 1, /* no */ b: 'x',}"))
try:
    rapidjson.Validator('{"type": "array"}')("{}")
except rapidjson.ValidationError as error:
    print(error.args)
