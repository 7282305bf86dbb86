# /// script
# dependencies = ["alembic", "aiosqlite", "sqlalchemy[asyncio]"]
# ///
"""Migrations made from alembic's templates and run; queries with the C extensions, also asynchronous."""

import asyncio
import contextlib
import importlib
import io
import os

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import create_async_engine

told = []
config = Config("alembic.ini", stdout=io.StringIO())
config.print_stdout = lambda line, *values: told.append(line % values)
command.list_templates(config)
print(sorted(told))
for template in ("async", "generic", "multidb"):
    with contextlib.redirect_stdout(io.StringIO()):  # where they are is told
        command.init(config, template, template=template)
    print(template, sorted(name for name in os.listdir(template) if name != "__pycache__"))
config = Config("alembic.ini", stdout=io.StringIO())
config.set_main_option("sqlalchemy.url", "sqlite:///teas.db")
config.set_main_option("script_location", "generic")
with contextlib.redirect_stdout(io.StringIO()):
    made = command.revision(config, "teas", rev_id="1")
with open(made.path) as stream:
    source = stream.read().replace("pass", "op.create_table('teas', sa.Column('name', sa.String))", 1)
with open(made.path, "w") as stream:
    stream.write(source)
command.upgrade(config, "head")
command.history(config)


class Base(orm.DeclarativeBase):
    pass


class Tea(Base):
    __tablename__ = "teas"
    name: orm.Mapped[str] = orm.mapped_column(primary_key=True)


with orm.Session(sa.create_engine("sqlite:///teas.db")) as session:
    session.add_all([Tea(name="green"), Tea(name="black")])
    session.commit()
    print([tea.name for tea in session.scalars(sa.select(Tea).order_by(Tea.name))])


async def main():
    async with create_async_engine("sqlite+aiosqlite:///teas.db").connect() as connection:
        return (await connection.execute(sa.text("select count(*) from teas"))).scalar()


print(asyncio.run(main()))
print(
    importlib.import_module("sqlalchemy.cyextension.collections").OrderedSet([3, 1]) if sa.__version__ < "2.1" else ""
)
print(sorted(sa.dialects.__all__))
