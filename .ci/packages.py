"""Builds the image from the Dockerfile, starts it, and checks compose.yaml and the Helm chart, where no registry of
images can be reached.

By hand and as root on Debian, with buildah, podman, runc, debootstrap, golang-go, golang-gopkg-yaml.v3-dev and
golang-github-masterminds-sprig-dev: `uv run python .ci/packages.py` (about four minutes, and 3 GB meanwhile).

What differs from a real build: the base image python:3.13-slim is not fetched; an empty Debian 13 with its Python 3.13
stands for it under its name. Likewise for those of PostgreSQL and Redis. So the sizes are larger than real ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent.parent
BASE = "docker.io/library/python:3.13-slim-trixie"
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
PODS = ["--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
PODS += ["--ulimit=nofile=4096:4096", "--ulimit=nproc=1024:1024"]  # podman would raise them, which may not be allowed
ASK = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8000/health/ready').read().decode())"
CHART = HERE / "docs/deploy/helm/newsroom"
VARIANTS = (  # values of the chart that take other branches of its templates
    [],
    ["ingress.enabled=true", "ingress.className=nginx", "web.autoscaling.enabled=true"],
    ["media.existingClaim=pictures", "web.replicas=1", 'ingress.tlsSecret=""', "ingress.enabled=true"],
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="newsroom-packages-", ignore_cleanup_errors=True) as folder:
        engine = Engine(Path(folder))
        step("a base image's stand-in", engine.make_base)
        step("the image", engine.build)
        step("it serves, confined", lambda: serves(engine))
    step("the chart", chart)


class Engine:
    """podman and buildah with storage of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._storage = ["--root", f"{folder}/storage", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]
        self._cgroups = ["--cgroup-manager", "cgroupfs"]

    def podman(self, *arguments: str, check: bool = True) -> str:
        return said("podman", *self._storage, *self._cgroups, "--runtime", "runc", *arguments, check=check)

    def buildah(self, *arguments: str) -> str:
        return said("buildah", *self._storage, *arguments)

    def make_base(self) -> None:
        base = self._folder / "base"
        packages = "--include=ca-certificates,python3,python3-venv"
        said("debootstrap", "--variant=minbase", packages, "trixie", str(base))
        shutil.rmtree(base / "var/cache/apt")
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        shutil.copy(TRUSTED, base / "etc/ssl/certs/ca-certificates.crt")
        made = self.buildah("from", "scratch")
        self.buildah("add", made, str(base), "/")
        trust = [part for name in ("PIP_CERT", "SSL_CERT_FILE") for part in ("--env", f"{name}={TRUSTED}")]
        self.buildah("config", *trust, "--env", "PATH=/usr/local/bin:/usr/bin:/bin", made)
        self.buildah("commit", "--rm", made, BASE)
        shutil.rmtree(base)

    def build(self) -> None:
        self.buildah(
            "build", "--format", "docker", "--isolation", "chroot", "--pull-never", "--tag", "newsroom", str(HERE)
        )
        size = {name: int(json.loads(self.podman("image", "inspect", name))[0]["Size"]) for name in (BASE, "newsroom")}
        print(f"  {(size['newsroom'] - size[BASE]) / 1e6:.0f} MB on top of the base image's")


def serves(engine: Engine) -> None:
    """As compose.yaml has it, but on SQLite and without a network."""
    services = yaml.safe_load((HERE / "compose.yaml").read_text())["services"]
    engine.podman("volume", "create", "data")
    engine.podman("volume", "create", "secrets")
    making = services["secrets"]
    for _ in range(2):  # the second time it keeps what is there
        engine.podman(
            *("run", "--rm", *PODS, "-v", "secrets:/secrets", "--entrypoint", json.dumps(making["entrypoint"])),
            *("newsroom", *making["command"]),
        )
    site = (*PODS, "-v", "data:/data", "-v", "secrets:/secrets:ro", "-e", "SECRET_KEY_FILE=/secrets/secret_key")
    engine.podman("run", "--rm", *site, "newsroom", "migrate")
    engine.podman("run", "-d", "--name", "web", *site, "newsroom")
    try:
        for _ in range(60):
            ready = engine.podman("exec", "web", "python", "-c", ASK, check=False)
            if ready:
                break
            time.sleep(0.5)
        assert ready == '{"status":"ok"}', engine.podman("logs", "web")
        assert engine.podman("exec", "web", "id", "-u") == "10001"
        assert engine.podman("exec", "web", "sh", "-c", "touch /app/x 2>&1 || true").endswith("Read-only file system")
        assert engine.podman("exec", "web", "sh", "-c", "find / -name uv 2>/dev/null || true") == ""
        for program in ("pg_dump", "pg_restore", "psql"):
            engine.podman("exec", "web", program, "--version")
        kept = ("/data", "/data/newsroom.sqlite3", "/secrets/secret_key")
        modes = engine.podman("exec", "web", "stat", "-c", "%a %u", *kept)
        assert modes.splitlines() == ["700 10001", "600 10001", "600 10001"], modes
        assert engine.podman("healthcheck", "run", "web") in {"", "healthy"}
    finally:
        engine.podman("stop", "-t", "15", "web")
        code = engine.podman("inspect", "web", "--format", "{{.State.ExitCode}}")
        engine.podman("rm", "-f", "web")
    assert code == "0", code


def chart() -> None:
    """Rendered without helm, and compared with the schemas of Kubernetes."""
    env = os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    for values in VARIANTS:
        rendered = said("go", "run", str(HERE / ".ci/chart.go"), str(CHART), "news", *values, env=env)
        kinds = [each["kind"] for each in yaml.safe_load_all(rendered) if each]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(rendered)
            file.flush()
            said("uvx", "kubernetes-validate", "--strict", "-k", "1.33", file.name)
        print(f"  {' '.join(values) or 'as it comes'}: {', '.join(kinds)}")


def said(*command: str, check: bool = True, env: dict[str, str] | None = None) -> str:
    """What a command prints. Raises SystemExit with all of it if the command fails, unless that need not be checked."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if ran.returncode and check:
        raise SystemExit(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return ran.stdout.strip() if not ran.returncode else ""


def step[Said](what: str, do: Callable[[], Said]) -> Said:
    started = time.monotonic()
    result = do()
    print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)
    return result


if __name__ == "__main__":
    main()
