# /// script
# dependencies = ["orjson"]
# [tool.mempip]
# container = true
# ///
"""A Rust extension without anything else."""

import datetime as dt
import uuid

import orjson

value = {"id": uuid.UUID(int=7), "at": dt.datetime(2024, 5, 6, 7, 8), "list": [1, 2.5, None, "ø"]}
text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
print(orjson.__version__, text.decode())
print(orjson.loads(text)["list"])
