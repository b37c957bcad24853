#!/bin/sh
# Real shippers and receivers that some tests talk to. Nobody's machine gets a system logger because of a test: they are
# installed where CI is set; elsewhere the tests that need them say how to get them, and are skipped.
set -eu
[ -n "${CI:-}" ] || exit 0
command -v apt-get >/dev/null 2>&1 || exit 0
missing=""
command -v rsyslogd >/dev/null 2>&1 || [ -x /usr/sbin/rsyslogd ] || missing="$missing rsyslog"
[ -e "$(ls -d /usr/lib/*/rsyslog/omelasticsearch.so 2>/dev/null | head -n 1)" ] || missing="$missing rsyslog-elasticsearch"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
[ -n "$missing" ] || exit 0
sudo=""
if [ "$(id -u)" != 0 ]; then sudo="sudo -n"; fi
echo "Installing for the tests of real clients:$missing"
$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
