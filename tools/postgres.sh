#!/usr/bin/env bash
# Runs a command with a private PostgreSQL of its own: tools/postgres.sh COMMAND…; ISOFOLD_POSTGRES is its URL.
# Installs PostgreSQL from Debian's packages when it is missing. The cluster lives in a temporary folder, listens on a
# free port of 127.0.0.1 alone, runs as a user without rights, and is gone when the command ends.
set -euo pipefail

find_binaries() {
    local server
    server=$(command -v postgres || ls -1d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1)
    [[ -n $server ]] && dirname "$(readlink -f "$server")"
}

if ! binaries=$(find_binaries); then
    if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
        echo "installing postgresql" >&2
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >&2
    fi
    if ! binaries=$(find_binaries); then
        echo "no PostgreSQL: on Debian and Ubuntu, 'apt-get install postgresql'" >&2
        exit 1
    fi
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/isofold-postgres.XXXXXX")
# the server refuses to run as root
as=()
if [[ $(id -u) == 0 ]]; then
    owner=$(id -u postgres >/dev/null 2>&1 && echo postgres || echo nobody)
    chown "$owner" "$folder"
    as=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups)
fi
cd "$folder"

stop() {
    "${as[@]}" "$binaries/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT

"${as[@]}" "$binaries/initdb" -D "$folder/data" -U isofold -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
start() {
    # what is lost when the machine dies is no loss here
    "${as[@]}" "$binaries/pg_ctl" -D "$folder/data" -s -w -l "$folder/data/log" -o "-k $folder -p $1 \
        -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=50" start
}

# below the ports that systems give out by themselves; who else takes one in between makes the next try
for try in 1 2 3 4 5 6 7 8; do
    port=$((20000 + (RANDOM % 12000)))
    start "$port" 2>"$folder/said" && break
    if [[ $try == 8 ]] || ! grep -q "could not bind" "$folder/data/log"; then
        cat "$folder/said" "$folder/data/log" >&2
        exit 1
    fi
    rm "$folder/data/log"
done

export ISOFOLD_POSTGRES="postgresql://isofold@127.0.0.1:$port/postgres"
cd "$OLDPWD"
"$@"
