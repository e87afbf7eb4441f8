#!/usr/bin/env bash
# grpcurl.sh [TARGET]   builds grpcurl from the Go module proxy, or takes the one on PATH. A second run does nothing.
# One to two minutes on two cores, 15 MB; Go's own caches grow by some hundred MB.
set -euo pipefail
SERVICE=grpcurl
VERSION=v1.9.4
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
PROGRAM=$TARGET/bin/grpcurl

# Go 1.24 builds it; from 1.21 on, an older Go gets itself a newer one, unless GOTOOLCHAIN=local forbids that.
fits() {
  local version needed=1.21
  version=$(go env GOVERSION 2>/dev/null) || return 1
  [ "$(go env GOTOOLCHAIN)" = local ] && needed=1.24
  [ "$(printf '%s\n' "$needed" "${version#go}" | sort -V | head -n 1)" = "$needed" ]
}

if [ -x "$PROGRAM" ] && [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$VERSION" ]; then
  say "$VERSION is already in $TARGET"
else
  rm -f "$TARGET/.version"
  mkdir -p "$TARGET/bin"
  if found=$(command -v grpcurl) && "$found" -version >/dev/null 2>&1; then
    ln -sf "$found" "$PROGRAM"
  else
    fits || { apt golang-go ca-certificates && hash -r && fits; } ||
      die "needs Go 1.24 or newer on PATH (on Debian: apt-get install golang-go, from backports where it is older)"
    say "building $VERSION into $TARGET with $(go env GOVERSION)"
    GOBIN=$TARGET/bin GOFLAGS=-buildvcs=false CGO_ENABLED=0 \
      go install -trimpath -ldflags "-s -w -X main.version=$VERSION" "github.com/fullstorydev/grpcurl/cmd/grpcurl@$VERSION" 9>&-
  fi
  "$PROGRAM" -version >/dev/null 2>&1 || die "$PROGRAM does not run"
  echo "$VERSION" >"$TARGET/.version"
fi
say "use: $PROGRAM -plaintext 127.0.0.1:7070 list"
