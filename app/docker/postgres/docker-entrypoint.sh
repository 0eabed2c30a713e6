#!/bin/sh
# Makes the server's data when PGDATA is empty, then becomes the server.
set -eu
umask 077

fail() {
    echo "postgres: $*" >&2
    exit 1
}

# from_file NAME: takes NAME's value from the file that NAME_FILE names.
from_file() {
    eval "file=\${$1_FILE:-} value=\${$1:-}"
    [ -n "$file" ] || return 0
    [ -z "$value" ] || fail "set either $1 or $1_FILE, not both"
    [ -r "$file" ] || fail "$1_FILE names $file, which cannot be read"
    eval "$1=\$(cat \"\$file\")"
    unset "$1_FILE"
}

# initialize: all is made beside its final place and PG_VERSION comes last, so that an interrupted one starts over.
initialize() {
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER
    from_file POSTGRES_DB
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    staging=$PGDATA/.initializing
    [ -n "${POSTGRES_PASSWORD:-}" ] || fail "POSTGRES_PASSWORD is empty: the first start needs the password of $user"

    if [ -e "$staging" ]; then
        find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
    elif [ -n "$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]; then
        fail "$PGDATA holds files but no PostgreSQL data: nothing was changed"
    fi

    # shellcheck disable=SC2086 # several arguments by the official image's contract
    printf '%s\n' "$POSTGRES_PASSWORD" | initdb --pgdata="$staging" --username="$user" --pwfile=/dev/stdin \
        --encoding=UTF8 --data-checksums --auth-local=trust --auth-host=scram-sha-256 --no-instructions \
        ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >> "$staging/pg_hba.conf"
    echo "listen_addresses = '*'" >> "$staging/postgresql.conf"

    if [ "$database" != postgres ]; then
        printf 'CREATE DATABASE "%s"\n' "$(printf %s "$database" | sed 's/"/""/g')" |
            postgres --single -D "$staging" -c exit_on_error=true postgres > /dev/null
    fi

    find "$staging" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
    sync
    mv "$staging/PG_VERSION" "$PGDATA"
    rmdir "$staging"
}

case ${1:-} in
    -*) set -- postgres "$@" ;;
esac

if [ "${1:-}" = postgres ]; then
    [ "$(id -u)" != 0 ] || fail "run it as a user that is not root, such as 999"
    export PGDATA
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA"
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        initialize
    fi
    rm -rf "$PGDATA/.initializing"
    # The server needs no password of its own, and what it starts should not see one.
    unset POSTGRES_PASSWORD
fi

exec "$@"
