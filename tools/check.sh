#!/bin/sh
# Everything that a reviewer should not have to look for. Runs all checks, then fails if one did.
set -u
bin=$1
failed=0

run() {
    echo "== $1"
    shift
    "$@" || failed=1
}

# Settings as on a server; nothing is connected to.
production="env -u DEBUG DATABASE_URL=postgresql://u:p@127.0.0.1:1/d DATABASE_POOL_SIZE=0 REDIS_URL=redis://127.0.0.1:1/0
    SECRET_KEY=check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ PUBLIC_URL=https://diagnostics.example.com"

run "ruff check" "$bin/ruff" check --quiet .
run "ruff format" "$bin/ruff" format --check --quiet .
run "mypy" "$bin/python" -m mypy .
run "import direction" "$bin/lint-imports" --no-cache
run "migrations" $production "$bin/python" -W ignore manage.py makemigrations --check --dry-run --skip-checks
run "deploy settings" $production "$bin/python" manage.py check --deploy --fail-level WARNING
run "API schema" $production "$bin/python" manage.py spectacular --validate --fail-on-warn --file /dev/null
exit $failed
