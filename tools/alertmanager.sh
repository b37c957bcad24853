#!/bin/sh
# Installs Debian's Alertmanager for the tests that deliver to a real one, where that starts no service: in a container, as
# root. Anywhere else those tests use an installed one, or are skipped and say so.
set -eu
if command -v prometheus-alertmanager >/dev/null 2>&1; then exit 0; fi
if [ -d /run/systemd/system ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then exit 0; fi
if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus-alertmanager >/dev/null 2>&1; then
    echo "Installed Debian's Alertmanager for the tests"
fi
