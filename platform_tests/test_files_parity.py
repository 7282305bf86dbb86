"""Programs that read their packages' data files by path print the same from memory as from disk."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment, mempip_command
from platform_tests.test_parity import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.network

#: Name → requirements, program.
PROGRAMS = {
    "babel": (
        "babel",
        """
        import datetime, babel.dates, babel.numbers
        from babel import Locale, localedata
        print(babel.dates.format_date(datetime.date(2020, 2, 3), "full", locale="de_AT"))
        print(babel.numbers.format_currency(1234.5, "EUR", locale="fr"), len(localedata.locale_identifiers()))
        print(Locale("sv").territories["DE"], babel.dates.get_timezone_name("Europe/Paris", locale="it"))
        """,
    ),
    "black": (
        "black",
        """
        import black
        print(black.format_str("x = {  'a':1 }\\ndef f( a ):return a", mode=black.Mode()))
        """,
    ),
    "botocore": (
        "boto3",
        """
        import boto3, botocore.session
        client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
        print(client.meta.endpoint_url, len(client.meta.service_model.operation_names))
        print(client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}).split("?")[0])
        print(len(botocore.session.get_session().get_available_services()) > 300)
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        print(boto3.resource("dynamodb", region_name="us-east-1", **keys).Table("t"))
        """,
    ),
    "certifi": (
        "certifi",
        """
        import hashlib, os, ssl, certifi
        path = certifi.where()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(path)
        print(context.cert_store_stats(), os.path.getsize(path), hashlib.sha256(open(path, "rb").read()).hexdigest())
        """,
    ),
    "docutils": (
        "docutils",
        """
        import docutils.core, hashlib
        text = "Title\\n=====\\n\\n.. include:: <isonum.txt>\\n\\n|copy| text"
        html = docutils.core.publish_string(text, writer_name="html5")
        latex = docutils.core.publish_string("Title\\n=====\\n\\n*text*", writer_name="latex")
        print(len(html), hashlib.sha256(html).hexdigest(), hashlib.sha256(latex).hexdigest())
        """,
    ),
    "jinja2": (
        "sphinx-rtd-theme sphinx",
        """
        import jinja2, os, sphinx_rtd_theme
        environment = jinja2.Environment(loader=jinja2.PackageLoader("sphinx", "templates"))
        print(sorted(environment.list_templates())[:5], len(environment.list_templates()))
        theme = sphinx_rtd_theme.__path__[0]
        files = jinja2.FileSystemLoader(theme)
        for name in sorted({"theme.conf", "theme.toml"} & set(os.listdir(theme))):
            print(files.get_source(environment, name)[0])
        """,
    ),
    "jsonschema": (
        "jsonschema",
        """
        import jsonschema
        draft = "https://json-schema.org/draft/2020-12/schema"
        schema = {"$schema": draft, "type": "array", "items": {"type": "integer"}}
        jsonschema.validate([1, 2], schema)
        try:
            jsonschema.validate(["x"], schema)
        except jsonschema.ValidationError as error:
            print(error)
        print(sorted(jsonschema.validators._META_SCHEMAS))
        """,
    ),
    "lark": (
        "lark",
        """
        from lark import Lark
        grammar = 'start: NUMBER "+" NUMBER\\n%import common.NUMBER\\n%import python (funcdef)\\n%ignore " "'
        parser = Lark(grammar, parser="lalr")
        print(parser.parse("1 + 2").pretty())
        print(len(Lark.open_from_package("lark", "python.lark", ("grammars",), start="file_input").rules))
        """,
    ),
    "matplotlib": (
        "matplotlib",
        """
        import hashlib, io, matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        figure, axes = plt.subplots()
        axes.plot([1, 3, 2])
        axes.set_title(r"$\\alpha$ and text")
        for format in ("png", "svg"):
            stream = io.BytesIO()
            figure.savefig(stream, format=format, metadata={"Date": None} if format == "svg" else None)
            drawn = stream.getvalue()
            print(format, hashlib.sha256(drawn).hexdigest() if format == "png" else b"<svg" in drawn)
        print(len(plt.style.available), matplotlib.font_manager.findfont("DejaVu Sans").rpartition("/")[2])
        """,
    ),
    "pytz": (
        "pytz",
        """
        import datetime, pytz
        print(pytz.timezone("Europe/Berlin").localize(datetime.datetime(2020, 7, 1)), len(pytz.all_timezones))
        print(pytz.country_timezones["nz"], pytz.country_names["fr"])
        """,
    ),
    "requests": (
        "requests",
        """
        import os, requests, requests.certs, requests.utils
        path = requests.certs.where()
        print(os.path.basename(path), requests.utils.extract_zipped_paths(path) == path)
        session = requests.Session()
        session.get_adapter("https://x").cert_verify(type("C", (), {})(), "https://x", path, None)
        try:
            session.get("https://127.0.0.1:9", timeout=5)
        except requests.ConnectionError as error:
            print(type(error).__name__)
        """,
    ),
    "scikit-learn": (
        "scikit-learn",
        """
        from sklearn.datasets import load_diabetes, load_digits, load_iris, load_sample_images
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        x, y = load_iris(return_X_y=True)
        print(RandomForestClassifier(n_jobs=1, random_state=0).fit(x, y).score(x, y), load_digits().data.sum())
        model = LogisticRegression(max_iter=300).fit(x, y)
        print(model.score(x, y), load_diabetes().data.shape, len(model._repr_html_()) > 1000)
        print("iris" in load_iris().DESCR.lower())
        """,
    ),
    "tzdata": (
        "tzdata",
        """
        import datetime, zoneinfo
        zoneinfo.reset_tzpath(())
        zone = zoneinfo.ZoneInfo("America/New_York")
        print(datetime.datetime(2020, 7, 1, tzinfo=zone).isoformat(), len(zoneinfo.available_timezones()))
        """,
    ),
}
COMMANDS = {"black": ["-m", "black", "--version"], "docutils": ["-m", "docutils", "--version"]}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """All requirements: installed into a directory, and served by an index on loopback."""
    wheels, disk = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("disk")
    requirements = sorted({name for names, _ in PROGRAMS.values() for name in names.split()})
    download(requirements, wheels)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", str(wheels)]
    subprocess.run([*install, "--target", str(disk), *requirements], check=True, stdin=subprocess.DEVNULL)
    with serving(wheels) as url:
        yield disk, url


def same(arguments: list[str], requirements: str, packages: tuple[Path, str], work: Path) -> None:
    disk, url = packages
    on_disk = run([sys.executable, *arguments], work, clean_environment(PYTHONPATH=str(disk), HOME=str(work)))
    command = [*mempip_command(), "run", *requirements.split(), "--", *arguments]
    in_memory = run(command, work, clean_environment(url, HOME=str(work)))
    assert on_disk
    assert in_memory == on_disk


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str, packages: tuple[Path, str], tmp_path: Path) -> None:
    requirements, source = PROGRAMS[name]
    lines = [line.removeprefix("        ") for line in source.strip("\n").split("\n")]
    (tmp_path / "program.py").write_text("\n".join(lines))
    (tmp_path / "work").mkdir()
    same([str(tmp_path / "program.py")], requirements, packages, tmp_path / "work")


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str, packages: tuple[Path, str], tmp_path: Path) -> None:
    same(COMMANDS[name], PROGRAMS[name][0], packages, tmp_path)
