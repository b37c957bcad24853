#!/bin/sh
# Finds Chromium for the browser tests; installs Debian's where it is missing and we may.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; then exit 0; fi
if command -v apt-get >/dev/null 2>&1; then
    sudo=""
    if [ "$(id -u)" != 0 ]; then sudo="sudo -n"; fi
    echo "Installing Chromium for the browser tests"
    if $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium fonts-dejavu-core >/dev/null; then
        exit 0
    fi
    echo "Chromium is missing. Install it with:  sudo apt-get install chromium" >&2
    exit 1
fi
echo "Chromium is missing. Install it with:  brew install --cask google-chrome" >&2
exit 1
