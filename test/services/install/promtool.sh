#!/usr/bin/env bash
# promtool.sh [TARGET]   gets promtool out of Debian's package prometheus, without installing it. A `promtool` that is on PATH already serves as
# well. A second run does nothing. Some seconds, 48 MB.
set -euo pipefail
SERVICE=promtool
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
PROGRAM=$TARGET/bin/promtool

version() { "$1" --version 2>&1 | sed -n 's/^promtool, version \([^ ]*\).*/\1/p'; }

unpack() {
  local dir=$TARGET/package
  rm -rf "$dir" && mkdir -p "$dir" "$TARGET/bin"
  # apt-get downloads as another user where it can, who must be able to write here.
  (cd "$dir" && apt-get download -q -o APT::Sandbox::User="$(id -un)" prometheus >&2) || return 1
  dpkg-deb --fsys-tarfile "$dir"/prometheus_*.deb | tar -x -C "$dir" ./usr/bin/promtool || return 1
  mv "$dir/usr/bin/promtool" "$PROGRAM" && rm -rf "$dir"
}

if [ -x "$PROGRAM" ] && [ -n "$(version "$PROGRAM")" ] && [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$(version "$PROGRAM")" ]; then
  say "$(version "$PROGRAM") is already in $TARGET"
else
  rm -f "$TARGET/.version"
  mkdir -p "$TARGET/bin"
  if found=$(command -v promtool) && [ -n "$(version "$found")" ]; then
    ln -sf "$found" "$PROGRAM"
  elif command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    say "taking promtool out of Debian's package prometheus into $TARGET"
    # The lists of a fresh machine are empty; only root may fetch them.
    unpack 9>&- || { [ "$(id -u)" = 0 ] && apt-get update -q >&2 9>&- && unpack 9>&-; } ||
      die "cannot download the package prometheus; run: apt-get update"
  else
    die "needs a promtool on PATH, or a Debian to take it from"
  fi
  version "$PROGRAM" >"$TARGET/.version"
  [ -s "$TARGET/.version" ] || { rm -f "$TARGET/.version"; die "$PROGRAM does not run"; }
fi
say "use: $PROGRAM test rules examples/observability/prometheus/rules.test.yml"
