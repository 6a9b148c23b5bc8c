"""Walks "From an empty server" of docs/operations.md on an empty Debian 13 in a container, and looks at the result.

By hand and as root, on a machine with debootstrap, systemd-nspawn and free ports 80, 443, 5432, 6379 and 8000:
`uv run python .ci/walk.py FOLDER` (about eight minutes, 2 GB; FOLDER is made and stays, so that one can look around).
With `--by-script` behind FOLDER docs/deploy/install.sh does it: it installs, runs again, and upgrades under load.

Three things differ from the text: the repository is cloned from this folder, uv is copied from this machine instead of
being fetched (the script gets it from PyPI), and the certificate is made here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TRUSTED = "/etc/ssl/certs/ca-certificates.crt"
QUIETLY = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "SSL_CERT_FILE": TRUSTED, "PIP_CERT": TRUSTED}
ADMINISTRATOR = {
    "DJANGO_SUPERUSER_EMAIL": "chief@news.example",
    "DJANGO_SUPERUSER_NAME": "Chief",
    "DJANGO_SUPERUSER_PASSWORD": "a-long-secret-7",
}
CERTIFICATE = """
mkdir -p /etc/letsencrypt/live/news.example && cd /etc/letsencrypt/live/news.example
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=news.example \
  -addext subjectAltName=DNS:news.example -keyout privkey.pem -out fullchain.pem
echo 127.0.0.1 news.example >> /etc/hosts
"""
GET = "curl -sS --cacert /etc/letsencrypt/live/news.example/fullchain.pem"
UPGRADE = "-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13'"
LOGIN = f"""
{GET} -c /tmp/jar -o /tmp/form https://news.example/accounts/login/
token=$(grep -oP 'csrfmiddlewaretoken" value="\\K\\w+' /tmp/form | head -1)
{GET} -b /tmp/jar -c /tmp/jar -o /dev/null -w '%{{http_code}}' -H 'Referer: https://news.example/accounts/login/' \\
  --data-urlencode "csrfmiddlewaretoken=$token" --data-urlencode login={ADMINISTRATOR["DJANGO_SUPERUSER_EMAIL"]} \\
  --data-urlencode password={ADMINISTRATOR["DJANGO_SUPERUSER_PASSWORD"]} https://news.example/accounts/login/
grep -q __Host-sessionid /tmp/jar
"""
# Asks four times a second while something goes on; prints how often, and how often nobody answered.
ASK = """
asked=0 failed=0
while [ ! -e /tmp/over ]; do
  asked=$((asked + 1))
  curl -sS -m 30 -o /dev/null http://127.0.0.1:8000/health/live || failed=$((failed + 1))
  sleep 0.25
done
echo "asked: $((asked > 8)), failed: $failed"
"""


def meanwhile(script: str) -> str:
    return f"rm -f /tmp/over; ({script}\nsleep 10; touch /tmp/over) >/tmp/meanwhile 2>&1 & {ASK}\nwait"


LOOKS = {  # what an operator would look at: command and what it must say
    "the units run": (
        "systemctl is-active newsroom.socket newsroom newsroom-worker newsroom-backup.timer nginx",
        r"active\nactive\nactive\nactive\nactive",
    ),
    "the units are sound": (
        "systemd-analyze verify newsroom.service newsroom-worker.service newsroom-backup.timer",
        "",
    ),
    "they may do little": (
        "cd /etc/systemd/system; systemd-analyze security --threshold=15 newsroom*.service >/dev/null && echo yes",
        "yes",
    ),
    "it is ready": (f"{GET} https://news.example/health/ready", r'.*"status": ?"ok".*'),
    "a page through nginx": (f"{GET} -o /dev/null -w '%{{http_code}}' https://news.example/", "200"),
    "plain http leads to https": (
        f"{GET} -o /dev/null -w '%{{redirect_url}}' http://news.example/x",
        r"https://news\.example/x",
    ),
    "the live socket through nginx": (
        (
            f"{GET} -m 3 --http1.1 -o /dev/null -w '%{{http_code}}' -H 'Origin: https://news.example' {UPGRADE} "
            "-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' https://news.example/live/ || true"
        ),
        "101",
    ),
    "the administrator logs in and has a __Host- cookie": (LOGIN, r"302"),
    "others read nothing of the site's data": ("stat -c %a /var/lib/newsroom /etc/newsroom.env", r"700\n640"),
    "it is compiled": ("find /opt/newsroom/current/newsroom/__pycache__ -name 'settings.*.pyc' | wc -l", "1"),
    "a reload keeps it up": (
        (
            "systemctl reload newsroom && sleep 20 && systemctl is-active newsroom && "
            f"{GET} -o /dev/null -w '%{{http_code}}' https://news.example/"
        ),
        r"active\n200",
    ),
    "so does one right after a start": (
        "systemctl restart newsroom && systemctl reload newsroom && sleep 15 && systemctl is-active newsroom",
        "active",
    ),
    "nothing went wrong": (
        "journalctl -u newsroom -u newsroom-worker --no-pager | grep -cE 'Traceback|ERROR' || true",
        "0",
    ),
    "the worker tells its figures": ("curl -sS http://127.0.0.1:9100/metrics | grep -c '^newsroom_info{'", "1"),
    "one more worker, which follows the first": (
        (
            "systemctl enable -q --now newsroom-worker@9101 && sleep 15\n"
            "curl -sS http://127.0.0.1:9101/metrics | grep -c '^newsroom_info{'; ls /run/newsroom/9101\n"
            "systemctl stop newsroom-worker; sleep 5; systemctl is-active newsroom-worker@9101 || true\n"
            "systemctl start newsroom-worker; sleep 5; systemctl is-active newsroom-worker@9101\n"
            "systemctl disable -q --now newsroom-worker@9101"
        ),
        r"1\nworker\ninactive\nactive",
    ),
    "compose.yaml is understood": (
        (
            "apt-get update -qq; apt-get install -y -qq --no-install-recommends docker-compose >/dev/null\n"
            "cd /opt/newsroom/current; docker-compose --profile proxy config -q && "
            "cp docs/deploy/compose.env /tmp/.env; sed -i 's/^#\\([A-Z_]*=\\)/\\1/' /tmp/.env\n"
            "docker-compose --env-file /tmp/.env config | grep -c 'SITE_URL: https://news.example'"
        ),
        "5",
    ),
    "nobody is refused while it restarts": (
        meanwhile("systemctl restart newsroom newsroom-worker"),
        "asked: 1, failed: 0",
    ),
    "a process that is killed comes back": (
        (
            "systemctl kill -s KILL newsroom && sleep 15 && systemctl is-active newsroom newsroom-worker && "
            f"{GET} -o /dev/null -w '%{{http_code}}' https://news.example/"
        ),
        r"active\nactive\n200",
    ),
    "the nightly backup": (
        "systemctl start newsroom-backup && stat -c '%a %U' /var/backups/newsroom/newsroom-*.tar",
        "600 newsroom",
    ),
}


def blocks() -> list[str]:
    """The fenced parts of the chapter, in order: install, environment, database, units."""
    text = (HERE / "docs" / "operations.md").read_text()
    chapter = text.partition("## From an empty server")[2].partition("\n## ")[0]
    found = re.findall(r"^```(\w+)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in found] == ["sh"] * 4, "the chapter has another shape"
    return [body for _, body in found]


def swapped(text: str, old: str, new: str) -> str:
    assert old in text, f"the documents no longer say: {old}"
    return text.replace(old, new)


class Machine:
    """A booted Debian below `folder`. Commands run in it as root."""

    def __init__(self, folder: Path) -> None:
        container = ["systemd-nspawn", "--register=no", "--keep-unit", "--console=pipe", "-q", "-b", "-D", str(folder)]
        self._log = (folder.parent / f"{folder.name}.boot").open("w")
        binds = [f"--bind-ro={TRUSTED}"]
        self._process = subprocess.Popen(
            [*container, *binds], stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL
        )
        self._leader = self._wait(self._find, "the container")
        self._wait(lambda: self._said("systemctl is-system-running") in {"running", "degraded"}, "the boot")

    def sh(self, script: str, **env: str) -> str:
        """Output of a script. Raises SystemExit with it if one of its commands fails."""
        given = [f"{name}={value}" for name, value in (QUIETLY | env).items()]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        inside = ["env", "-i", path, "HOME=/root", *given, "bash", "-euo", "pipefail", "-c", f"cd /\n{script}"]
        command = ["nsenter", "--all", "--root", "-t", str(self._leader), *inside]
        ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if ran.returncode:
            raise SystemExit(f"exit code {ran.returncode} of\n{script}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout

    def stop(self) -> None:
        subprocess.run(["kill", "-s", "RTMIN+4", str(self._leader)], check=False)  # systemd: power off
        self._process.wait(60)
        self._log.close()

    def _find(self) -> int:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return next((int(each) for each in children if Path(f"/proc/{each}/comm").read_text() == "systemd\n"), 0)

    def _said(self, command: str) -> str:
        inside = ["nsenter", "--all", "--root", "-t", str(self._leader), *command.split()]
        return subprocess.run(inside, capture_output=True, text=True, check=False).stdout.strip()

    def _wait[Found](self, look: Callable[[], Found], what: str) -> Found:
        for _ in range(120):
            if self._process.poll() is not None:
                break
            if found := look():
                return found
            time.sleep(0.5)
        raise SystemExit(f"{what} does not come up, see {self._log.name}")


def main(folder: Path, *, by_script: bool) -> None:
    run(
        "debootstrap", "--variant=minbase", "--include=systemd-sysv,dbus,ca-certificates,openssl", "trixie", str(folder)
    )
    run("git", "clone", "--bare", str(HERE), str(folder / "source.git"))
    machine = Machine(folder)
    try:
        (_by_script if by_script else _by_hand)(machine, folder)
        for what, (command, right) in LOOKS.items():
            said = step(what, lambda command=command: machine.sh(command)).strip()
            assert re.search(rf"^(?:{right})$", said, re.MULTILINE), f"{what}: {said}"
        if by_script:
            _upgrade(machine)
    finally:
        machine.stop()
    print("walked")


def _by_hand(machine: Machine, folder: Path) -> None:
    install, environment, database, units = blocks()
    uv = os.environ.get("UV")  # `uv run` says what it is; in PATH may stand a version manager's script
    assert uv, "start it by `uv run`"
    shutil.copy(Path(uv).resolve(), folder / "usr/local/bin/uv")
    install = re.sub(r"^curl .*\n", "", install, flags=re.MULTILINE)
    install = swapped(swapped(install, "git clone …", "git clone /source.git"), "&& editor /etc/newsroom.env", "")
    step("install", lambda: machine.sh(yes(install)))
    secret = machine.sh("openssl rand -base64 48 | tr -d '\\n'")
    environment = swapped(environment, "SECRET_KEY=…", f"SECRET_KEY={secret}").replace("user:…@", "user:secret@")
    (folder / "etc/newsroom.env").write_text(re.sub(r"\s+#.*", "", environment))
    database = swapped(database, "newsroom-manage createsuperuser ", "newsroom-manage createsuperuser --noinput ")
    print(step("database", lambda: machine.sh(f"cd /opt/newsroom/0.2.0\n{database}", **ADMINISTRATOR)))
    step("certificate", lambda: machine.sh(CERTIFICATE))
    units = swapped(units, "&& editor /etc/nginx/sites-enabled/newsroom", "")
    step("units", lambda: machine.sh(f"cd /opt/newsroom/0.2.0\n{units}\nsleep 20"))


SCRIPT = "/root/newsroom/docs/deploy/install.sh"


def _by_script(machine: Machine, _folder: Path) -> None:
    machine.sh("apt-get update -qq; apt-get install -y -qq --no-install-recommends git curl nginx")
    machine.sh("git clone -q /source.git /root/newsroom")
    print(step("install", lambda: machine.sh(f"{SCRIPT} --site-url https://news.example")))
    before = machine.sh("cat /etc/newsroom.env; ls /opt/newsroom")
    print(step("again", lambda: machine.sh(SCRIPT)))
    assert machine.sh("cat /etc/newsroom.env; ls /opt/newsroom") == before
    machine.sh("newsroom-manage createsuperuser --noinput", **ADMINISTRATOR)
    step("certificate", lambda: machine.sh(CERTIFICATE))
    nginx = "/root/newsroom/docs/deploy/nginx/newsroom.conf"
    machine.sh(f"install -m 0644 {nginx} /etc/nginx/sites-enabled/newsroom; nginx -t 2>&1; systemctl restart nginx")


def _upgrade(machine: Machine) -> None:
    """Under load, to a release that differs by its name alone."""
    name = "-c user.name=x -c user.email=x@news.example"
    machine.sh(f"cd /root/newsroom; git {name} commit -q --allow-empty -m Next")
    upgrade = f"{meanwhile(SCRIPT)}; readlink /opt/newsroom/current; cat /tmp/meanwhile"
    said = step("upgrade", lambda: machine.sh(upgrade))
    print(said)
    new = machine.sh("git -C /root/newsroom rev-parse --short=10 HEAD").strip()
    assert f"asked: 1, failed: 0\n/opt/newsroom/0.2.0-{new}\n" in said
    running = machine.sh("ls -l /proc/$(systemctl show -P MainPID newsroom)/cwd")
    assert new in running, running


def yes(script: str) -> str:
    return swapped(script, "apt install ", "apt-get update -qq && apt-get install -y -qq --no-install-recommends ")


def step[Said](what: str, do: Callable[[], Said]) -> Said:
    started = time.monotonic()
    said = do()
    print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)
    return said


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), by_script="--by-script" in sys.argv)
