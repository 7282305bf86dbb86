# /// script
# dependencies = ["peewee", "lmdb", "apsw", "tinydb", "diskcache", "sqlite-utils"]
# ///
"""Databases in a process: SQLite beside that of Python, maps on disk."""

import apsw
import diskcache
import lmdb
import peewee
import sqlite_utils
import tinydb

connection = apsw.Connection(":memory:")
print(list(connection.execute("SELECT json_extract('{\"a\": 3}', '$.a')")), apsw.apsw_version().count(".") > 1)
database = peewee.SqliteDatabase("teas.db")


class Tea(peewee.Model):
    name = peewee.CharField()

    class Meta:
        database = database


database.create_tables([Tea])
Tea.create(name="green")
print(Tea.get(Tea.name == "green").id, [table for table in sqlite_utils.Database("teas.db").table_names()])
with lmdb.open("leaves", map_size=1 << 20) as environment, environment.begin(write=True) as transaction:
    transaction.put(b"tea", b"green")
    print(transaction.get(b"tea"), lmdb.version() > (0, 9))
print(tinydb.TinyDB("teas.json").insert({"tea": "black"}), tinydb.TinyDB("teas.json").all())
with diskcache.Cache("cache") as cache:
    cache["tea"] = [1, 2]
    print(cache["tea"])
