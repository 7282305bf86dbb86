# /// script
# dependencies = ["fastavro", "avro", "cramjam"]
# [tool.mempip]
# container = true
# ///
"""Containers written in Cython and read in Python, whose package reads its schemas and version from files."""

import io

import avro
import avro.datafile
import avro.io
import fastavro

schema = {
    "type": "record",
    "name": "Tea",
    "fields": [{"name": "name", "type": "string"}, {"name": "g", "type": "double"}],
}
for codec in ("null", "deflate", "snappy"):
    file = io.BytesIO()
    fastavro.writer(file, schema, [{"name": "green", "g": 1.5}, {"name": "black", "g": 2}], codec)
    file.seek(0)
    print(codec, list(fastavro.reader(file)))
    if codec in ("null", "deflate"):
        file.seek(0)
        print([row["name"] for row in avro.datafile.DataFileReader(file, avro.io.DatumReader())])
print(
    fastavro.reader.__module__,
    fastavro.validation.validate({"name": 1}, schema, raise_errors=False),
    avro.__version__ > "1.1",
)
