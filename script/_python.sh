# Sourced by the scripts beside it: finds a Python, makes .venv, and leaves its path in $python.
# `prepare_python` installs what runs Remise; `prepare_python --dev` what checks it too.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate found=""
    for candidate in "${PYTHON:-}" "$root/.venv/bin/python" \
        python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if is_recent "$candidate"; then
            python=$(command -v "$candidate")
            return
        fi
        found="$found, $("$candidate" --version 2>&1 | tail -n 1) ($(command -v "$candidate"))"
    done
    [ -n "$found" ] && found="there is only ${found:2}" || found="there is none"
    echo "Remise needs Python 3.11 or newer; $found." >&2
    echo "On Debian 12 or later: apt install python3 python3-venv. Elsewhere install one, then: PYTHON=/path/to/python3.11 $0" >&2
    exit 1
}

prepare_python() {
    local python_found
    find_python
    python_found=$python
    "$python_found" "$root/script/_venv.py" "$@" || exit 1
    python="$root/.venv/bin/python"
    export PYTHONPATH="$root" PYTHONUNBUFFERED=1
}
