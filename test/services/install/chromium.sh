#!/usr/bin/env bash
# chromium.sh [TARGET]   finds a Chromium, or installs Debian's. A `chromium`, `chromium-browser` or `google-chrome` that is on PATH already serves as
# well, and so does $CHROMIUM. A second run does nothing. A minute, 400 MB.
set -euo pipefail
SERVICE=chromium
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"

version() { "$1" --version 2>/dev/null | sed -n 's/.*\(Chromium\|Chrome\) \([0-9.]*\).*/\2/p'; }

find_program() {
  local name
  for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}

if ! found=$(find_program); then
  # Fonts, so that pages have letters.
  apt chromium fonts-liberation || die "needs a Chromium on PATH, or in \$CHROMIUM"
  found=$(find_program) || die "Debian's package chromium brought no program"
fi
[ -n "$(version "$found")" ] || die "$found does not run"
printf '%s\n' "$found" >"$TARGET/path"
version "$found" >"$TARGET/.version"
say "$(cat "$TARGET/.version"), $found"
