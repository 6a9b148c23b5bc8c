"""The samples for proxies, in nginx and Caddy themselves."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support import services
from tests.support.product import ROOT

DEPLOY = ROOT / "docs" / "deploy"
HOST = "news.example"
NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site;
}}
"""
CADDY = """
	http_port {http}
	https_port {https}
	local_certs
	skip_install_trust
	admin off
"""
type Start = Callable[[Path, int, int, int], tuple[list[str], dict[str, str]]]


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was asked with."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[int]:
    """The port of what stands for the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def certify(folder: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    blank = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = blank.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    (folder / "chain").write_bytes(dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key").write_bytes(key.private_bytes(*pem))


def with_changes(text: str, changes: dict[str, str]) -> str:
    """The sample with ports and files of this test."""
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


def nginx(folder: Path, site: int, http: int, https: int) -> tuple[list[str], dict[str, str]]:
    certify(folder)
    changes = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": f"{folder}/chain",
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": f"{folder}/key",
        "127.0.0.1:8000": f"127.0.0.1:{site}",
    }
    (folder / "site").write_text(with_changes((DEPLOY / "nginx" / "newsroom.conf").read_text(), changes))
    (folder / "conf").write_text(NGINX.format(folder=folder))
    return ["-c", str(folder / "conf")], {}


def caddy(folder: Path, site: int, http: int, https: int) -> tuple[list[str], dict[str, str]]:
    options = "auto_https disable_redirects\n"
    changes = {options: options + CADDY.format(http=http, https=https), "\n:80 {": f"\n:{http} {{"}
    (folder / "Caddyfile").write_text(with_changes((DEPLOY / "caddy" / "Caddyfile").read_text(), changes))
    told = {"SITE_URL": f"https://{HOST}", "UPSTREAM": f"127.0.0.1:{site}", "HOME": str(folder)}
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], told


def _has_certificate(https: int) -> bool:
    """Caddy listens before it has made one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", https), timeout=5) as line:
            context.wrap_socket(line, server_hostname=HOST).close()
    except OSError:
        return False
    return True


@contextmanager
def running(start: Start, folder: Path, site: int) -> Iterator[tuple[int, int]]:
    """Gives the ports for http and https."""
    name = start.__name__
    program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        services.missing(name, f"{name} (Debian: {name})")
    http, https = services.free_port(), services.free_port()
    arguments, told = start(folder, site, http, https)
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([str(program), *arguments], env=told, stdout=said, stderr=said, cwd=folder)
    try:
        services.wait_for(lambda: services.answers(http) and _has_certificate(https), what=name)
        yield http, https
    except TimeoutError as error:
        raise AssertionError((folder / "said").read_text()) from error
    finally:
        services.stop(process)


@pytest.mark.parametrize("start", [nginx, caddy])
def test_by_plain_http_pages_lead_on_and_programs_are_refused(start: Start, tmp_path: Path, site: int) -> None:
    with running(start, tmp_path, site) as (http, https), httpx.Client(verify=False, headers={"Host": HOST}) as client:

        def get(path: str, port: int, **headers: str) -> httpx.Response:
            scheme = "https" if port == https else "http"
            name = {"sni_hostname": HOST}
            return client.get(f"{scheme}://127.0.0.1:{port}{path}", headers=headers, extensions=name)

        programs = ("/api/v1/articles/", "/_allauth/app/v1/auth/session", "/live/?streams=articles")
        assert [get(path, http).status_code for path in programs] == [403] * 3
        for page in ("/", "/articles/ein-titel/?sort=oldest", "/api/docs/"):
            led = get(page, http)
            assert (led.status_code, led.headers["Location"]) == (301, f"https://{HOST}{page}")

        for path in (*programs, "/"):
            asked = get(path, https, Connection="Upgrade", Upgrade="websocket")
            assert asked.status_code == 200
            had = asked.json()
            assert (had["host"], had["upgrade"], had["x-forwarded-proto"]) == (HOST, "websocket", "https")
            assert had["x-forwarded-for"] == "127.0.0.1"
