#!/bin/sh
# Pins all dependencies of pyproject.toml with hashes, for Linux and macOS and Python 3.11 and newer; names no index.
set -eu
bin=$1
mkdir -p requirements
pin() {
    output=$1
    shift
    "$bin/uv" pip compile pyproject.toml "$@" --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$output"
}
pin requirements/base.txt
pin requirements/dev.txt --group dev --constraint requirements/base.txt
