#!/bin/sh
# Unpacks Debian's Alertmanager for the tests that deliver to a real one. Nothing is installed and nothing is started; where
# it cannot be had, those tests are skipped and say so.
set -eu
home="${1:-.venv}/alertmanager"
if command -v prometheus-alertmanager >/dev/null 2>&1 || [ -x "$home/usr/bin/prometheus-alertmanager" ]; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if (cd "$work" && apt-get download -qq prometheus-alertmanager >/dev/null 2>&1); then
    mkdir -p "$home"
    dpkg-deb -x "$work"/prometheus-alertmanager_*.deb "$home"
    echo "Unpacked Debian's Alertmanager for the tests"
fi
