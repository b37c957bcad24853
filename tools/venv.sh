#!/bin/sh
# Makes the virtual environment; names what is missing and the command that installs it.
set -eu
python=$1
venv=$2

how() {
    if [ "$(uname)" = Darwin ]; then echo "brew install python@3.13"; else echo "sudo apt-get install $1"; fi
}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "Python 3.11 or newer is missing. Install it with:  $(how 'python3 python3-venv')" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    found=$("$python" -c 'import platform; print(platform.python_version())')
    echo "Python 3.11 or newer is needed; $python is $found." >&2
    echo "Install a newer one ($(how python3.11)) and name it:  make PYTHON=python3.13 up" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
    echo "Python's venv module is missing. Install it with:  $(how "python$version-venv")" >&2
    exit 1
fi
"$python" -m venv "$venv"
