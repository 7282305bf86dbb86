"""A private index as people run them: pypiserver behind nginx, with TLS, passwords, client certificates and limits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from platform_tests.support.servers import free_ports, running
from platform_tests.support.tools import REPOSITORY, clean_environment, mempip_command, require_tool
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

PEM = REPOSITORY / "tests" / "support" / "loopback.pem"  # a certificate for 127.0.0.1 and its key
PASSWORD = "s3cret"
PROGRAM = "import acme_tool; print(acme_tool.answer)"

NGINX = """\
daemon off; master_process off; pid {here}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {here}/a; proxy_temp_path {here}/b; fastcgi_temp_path {here}/c;
  uwsgi_temp_path {here}/d; scgi_temp_path {here}/e;
  ssl_certificate {pem}; ssl_certificate_key {pem};
  limit_req_zone $server_port zone=few:1m rate=3r/s;
  server {{
    listen 127.0.0.1:{private} ssl;
    auth_basic index; auth_basic_user_file {here}/users;
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
    location /limited/ {{
      limit_req zone=few; limit_req_status 429; add_header Retry-After 1 always;
      proxy_pass http://127.0.0.1:{upstream}/;
    }}
    location /down/ {{ proxy_pass http://127.0.0.1:{nobody}/; }}
    location /circle/ {{ return 302 https://127.0.0.1:{private}/circle/again/; }}
  }}
  server {{
    listen 127.0.0.1:{known} ssl;
    ssl_client_certificate {pem}; ssl_verify_client on;
    proxy_set_header Host $http_host;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
  }}
}}
"""


class PrivateIndex(NamedTuple):
    """Addresses: of the index that wants a password, with and without it, and of the one that wants a certificate."""

    private: str
    with_password: str
    known: str


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateIndex]:
    nginx = require_tool("nginx", "nginx-light")
    here = tmp_path_factory.mktemp("private")
    wheels = here / "wheels"
    wheels.mkdir()
    for name, data in (
        build_wheel("acme-tool", "1.0", {"acme_tool.py": "import acme_core\nanswer = 42\n"}, requires=["acme.core"]),
        build_wheel("Acme_Core", "2.0", {"acme_core.py": "import sys\n" * 200}),
    ):
        (wheels / name).write_bytes(data)
    (here / "users").write_text(f"me:{{PLAIN}}{PASSWORD}\n")
    ports = dict(zip(("upstream", "private", "known", "nobody"), free_ports(4), strict=True))
    (here / "nginx.conf").write_text(NGINX.format(here=here, pem=PEM, **ports))
    with (
        running(
            [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(ports["upstream"]), str(wheels)],
            ports["upstream"],
        ),
        running([nginx, "-p", str(here), "-c", str(here / "nginx.conf")], ports["private"]),
    ):
        address = f"127.0.0.1:{ports['private']}"
        yield PrivateIndex(
            f"https://{address}", f"https://me:{PASSWORD}@{address}", f"https://127.0.0.1:{ports['known']}"
        )


def run(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `PROGRAM` with the packages of the index; what was said must not hold the password."""
    command = [*mempip_command(), "run", "-v", *options, "acme-tool", "--", "-c", PROGRAM]
    environment = clean_environment(**{"PIP_CERT": str(PEM), "NETRC": "/nowhere", **variables})
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
    assert PASSWORD not in done.stdout + done.stderr
    return done


def test_a_password_in_the_address(private: PrivateIndex) -> None:
    done = run("-i", f"{private.with_password}/simple/")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


def test_a_password_in_netrc(private: PrivateIndex, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    done = run("-i", f"{private.private}/simple/", NETRC=str(netrc))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


def test_everything_in_a_configuration_file(private: PrivateIndex, tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        f"[global]\nindex-url = https://pypi.invalid/simple\n[mempip]\ncert = {PEM}\n"
        f"project-index =\n  acme-*={private.with_password}/simple/\n"
    )
    done = run(PIP_CERT="", PIP_CONFIG_FILE=str(configuration))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


def test_a_client_certificate(private: PrivateIndex) -> None:
    done = run("-i", f"{private.known}/simple/", "--client-cert", str(PEM))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    done = run("-i", f"{private.known}/simple/")
    assert done.returncode == 1
    assert "400" in done.stderr  # nginx lets TLS go on, and refuses then


def test_a_server_that_wants_fewer_requests_gets_fewer(private: PrivateIndex) -> None:
    done = run("-i", f"{private.with_password}/limited/simple/", "--retries", "20")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


@pytest.mark.parametrize(
    ("options", "variables", "says"),
    [
        (["-i", "{with_password}/simple/"], {"PIP_CERT": ""}, "--cert FILE names the authorities to trust"),
        (["-i", "{private}/simple/"], {}, "answered 401 Unauthorized; give credentials"),
        (
            ["-i", "{private}/simple/"],
            {"PIP_KEYRING_PROVIDER": "subprocess", "PATH": "/nowhere"},
            "no command 'keyring'",
        ),
        (["-i", "{with_password}/down/simple/", "--retries", "1"], {}, "answered 502 Bad Gateway (2 tries)"),
        (["-i", "{with_password}/circle/"], {}, "in circles"),
        (["-i", "{with_password}/missing/"], {}, "No project named 'acme-tool'"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_runs(
    private: PrivateIndex, options: list[str], variables: dict[str, str], says: str
) -> None:
    done = run(*(option.format(**private._asdict()) for option in options), **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
