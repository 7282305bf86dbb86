# /// script
# dependencies = ["sqlalchemy[asyncio]", "pymysql", "aiosqlite", "duckdb-engine", "sqlmodel"]
# ///
"""Dialects by entry points, extensions in Cython, sessions, and models of a package on top."""

import asyncio

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import has_compiled_ext
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Tea(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


engine = create_engine("sqlite:///teas.db")
SQLModel.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Tea(name="green"))
    session.commit()
    print(session.exec(select(Tea)).one().name, has_compiled_ext())
print(sa.create_engine("mysql+pymysql://x@localhost/y").dialect.driver, sa.dialects.registry.load("duckdb").name)
with sa.create_engine("duckdb:///:memory:").connect() as connection:
    print(connection.execute(sa.text("SELECT 6 * 7")).scalar())


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///teas.db")
    async with engine.connect() as connection:
        print((await connection.execute(sa.text("SELECT name FROM tea"))).all())
    await engine.dispose()


asyncio.run(main())
print(sa.select(sa.table("t", sa.column("a"))).compile(dialect=sa.dialects.postgresql.dialect()))
