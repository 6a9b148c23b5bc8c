#!/bin/bash
# Installs the clone that it lies in, or upgrades to it: "From an empty server" of docs/operations.md in one command.
set -euo pipefail

usage() {
  cat <<'END'
Usage: install.sh --site-url https://news.example [--proxy caddy]
       install.sh                                  (an upgrade: settings stay as they are)

Installs Newsroom on Debian 13 from the clone that this script lies in, with PostgreSQL and Redis: a user, a database,
settings in /etc/newsroom.env, the release in /opt/newsroom/VERSION, systemd units. It can be run again at any time:
what is there stays. Run in a newer clone it upgrades: the new release is made beside the old one, the database is
migrated, then the site restarts.

  --site-url URL  the address that readers see
  --proxy caddy   also install Caddy, which gets a certificate for that address (ports 80 and 443)
  --help          this text
END
}

refuse() {
  echo "$1" >&2
  exit 2
}

say() { printf '== %s\n' "$1"; }

site_url='' proxy=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --site-url) site_url=${2:-}; shift 2 || refuse "--site-url needs an address such as https://news.example." ;;
    --proxy) proxy=${2:-}; shift 2 || refuse "--proxy needs a name: caddy." ;;
    *) refuse "Unknown argument $1. --help lists them." ;;
  esac
done

# shellcheck source=/dev/null
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") || system=unknown
[ "$system" = "debian 13" ] || refuse "This script is for Debian 13, this is ${system}. By hand: docs/operations.md."
[ "$(id -u)" = 0 ] || refuse "Run this as root."
[ -d /run/systemd/system ] || refuse "This script needs systemd. In a container use the Dockerfile instead."
case $site_url in '' | http://* | https://*) ;; *) refuse "--site-url looks like https://news.example." ;; esac
case $proxy in '' | caddy) ;; *) refuse "--proxy knows caddy only. For nginx see docs/deploy/nginx." ;; esac
settings=/etc/newsroom.env
[ -n "$site_url" ] || [ -s $settings ] || refuse "Say --site-url https://news.example: the address that readers see."

here=$(cd -P "$(dirname "$0")/../.." && pwd)
git() { command git -c safe.directory="$here" -C "$here" "$@"; }

say "Packages"
packages=(ca-certificates git postgresql python3 python3-venv redis-server)
[ -z "$proxy" ] || packages+=("$proxy")
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
echo "installed: ${missing[*]:-nothing, all there}"

say "User and database"
getent passwd newsroom >/dev/null ||
  useradd --system --home-dir /var/lib/newsroom --shell /usr/sbin/nologin newsroom
install -d -o newsroom -g newsroom -m 0700 /var/lib/newsroom /var/backups/newsroom
as_postgres() { (cd / && runuser -u postgres -- "$@"); }
if ! as_postgres psql -qAtc "SELECT 1 FROM pg_roles WHERE rolname = 'newsroom'" | grep -q 1; then
  as_postgres createuser newsroom
fi
if ! as_postgres psql -qAtc "SELECT 1 FROM pg_database WHERE datname = 'newsroom'" | grep -q 1; then
  as_postgres createdb -O newsroom newsroom
fi

say "Settings"
if [ -s $settings ]; then
  echo "$settings stays as it is"
else
  proxies=1
  case $site_url in http://*) [ -n "$proxy" ] || proxies=0 ;; esac
  install -m 0640 -g newsroom /dev/null $settings
  cat >$settings <<END
SECRET_KEY=$(head -c 48 /dev/urandom | base64 -w0)
SITE_URL=$site_url
DATABASE_URL=postgres://newsroom@%2Fvar%2Frun%2Fpostgresql/newsroom
DATABASE_POOL=16
REDIS_URL=redis://127.0.0.1/0
TRUSTED_PROXIES=$proxies
NEWSROOM_DATA=/var/lib/newsroom
# Mails go to the journal until you name a server here:
#EMAIL_URL=smtp://user:password@mail.example:587/?tls=True
# Processes that serve, about one a core:
#SERVE_OPTIONS=--workers 4
END
  echo "made $settings"
fi

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/pyproject.toml" | head -1)
if git rev-parse -q --verify HEAD >/dev/null 2>&1; then
  version=$version-$(git rev-parse --short=10 HEAD)
fi
release=/opt/newsroom/$version
say "Release $version"
if [ -e "$release/.complete" ]; then
  echo "all there"
else
  rm -rf "$release"
  install -d -m 0755 /opt/newsroom "$release"
  if [ "${version%-*}" != "$version" ]; then
    git archive HEAD | tar -x -C "$release"
  else
    tar -C "$here" --exclude=./.venv --exclude=./var -c . | tar -x -C "$release"
  fi
  if ! uv=$(command -v uv); then
    uv=/opt/newsroom/.uv/bin/uv
    [ -x $uv ] || { python3 -m venv /opt/newsroom/.uv && /opt/newsroom/.uv/bin/pip install -q uv; }
  fi
  extras=(--extra postgres --extra redis)
  ! grep -q '^SENTRY_DSN=' $settings || extras+=(--extra sentry)
  ! grep -q '^OTEL_EXPORTER_OTLP_ENDPOINT=' $settings || extras+=(--extra otel)
  (
    umask 022
    cd "$release"
    export UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1
    "$uv" sync -q --frozen --no-dev "${extras[@]}" --compile-bytecode
    .venv/bin/python -m compileall -q newsroom accounts articles comments
  )
  chown -R root:root "$release"
  touch "$release/.complete"
fi

say "Migrations"
install -m 0755 "$release/docs/deploy/newsroom-manage" /usr/local/bin/newsroom-manage
NEWSROOM_RELEASE=$release newsroom-manage migrate </dev/null

say "Units"
before=$(readlink /opt/newsroom/current || true)
ln -sfn "$release" /opt/newsroom/current.new && mv -fT /opt/newsroom/current.new /opt/newsroom/current
install -m 0644 "$release"/docs/deploy/systemd/newsroom* /etc/systemd/system/
systemctl daemon-reload
systemctl enable -q --now newsroom.socket newsroom.service newsroom-worker.service newsroom-backup.timer
if [ -n "$before" ] && [ "$before" != "$release" ]; then
  systemctl restart newsroom.service newsroom-worker.service
fi

if [ "$proxy" = caddy ]; then
  say "Caddy"
  file=/etc/caddy/Caddyfile
  site_url=$(sed -n 's/^SITE_URL=//p' $settings)
  # Ours, or as the package brought it
  if [ ! -s $file ] || grep -qx '# Newsroom' $file ||
    dpkg-query -W -f='${Conffiles}' caddy | grep -q "$file $(md5sum <$file | cut -d' ' -f1)"; then
    { echo "# Newsroom" && sed "s|{\$SITE_URL}|$site_url|" "$release/docs/deploy/caddy/Caddyfile"; } >$file.new
    mv $file.new $file
    systemctl reload-or-restart caddy
  else
    echo "$file is your own and stays as it is: $release/docs/deploy/caddy/Caddyfile is the pattern."
  fi
fi

say "Is it ready?"
listens=$(systemctl show -P Listen newsroom.socket | sed 's/ (Stream)$//;q') # a port, or the file of a Unix socket
ask='
import http.client, socket, sys
place, line = sys.argv[1], http.client.HTTPConnection("localhost")
if place.startswith("/"):
    line.sock = socket.socket(socket.AF_UNIX)
    line.sock.connect(place)
else:
    line.sock = socket.create_connection((place.rpartition(":")[0].strip("[]"), place.rpartition(":")[2]))
line.sock.settimeout(60)
line.request("GET", "/health/ready")
answer = line.getresponse()
print(answer.read().decode())
sys.exit(answer.status != 200)
'
for attempt in 1 2 3 4 5 6; do
  if python3 -c "$ask" "$listens" 2>/dev/null; then
    break
  elif [ "$attempt" = 6 ]; then
    echo "It does not answer. See why: journalctl -u newsroom -n 50" >&2
    exit 1
  fi
  sleep 5
done

say "Done"
echo "Newsroom $version listens on $listens as $(sed -n 's/^SITE_URL=//p' $settings)."
echo "Settings are in $settings; after a change: systemctl restart newsroom newsroom-worker"
echo "The first administrator: newsroom-manage createsuperuser"
echo "What is unsafe or missing: newsroom-manage doctor"
if [ -n "$before" ] && [ "$before" != "$release" ]; then
  echo "The release before is kept: $before"
fi
