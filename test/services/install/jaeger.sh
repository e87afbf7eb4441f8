#!/usr/bin/env bash
# jaeger.sh [TARGET]   builds Jaeger 2 (OTLP in, memory store, query API; no web pages) from the Go module proxy.
# A second run does nothing. 3 to 8 minutes on two cores, 85 MB; Go's own caches grow by up to 3 GB.
set -euo pipefail
SERVICE=jaeger
VERSION=v1.76.0 # the tag of the module; the program calls itself 2.13
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
MODULE=github.com/jaegertracing/jaeger

# Go 1.24.6 builds it; from 1.21 on, an older Go gets itself a newer one, unless GOTOOLCHAIN=local forbids that.
fits() {
  local version needed=1.21
  version=$(go env GOVERSION 2>/dev/null) || return 1
  [ "$(go env GOTOOLCHAIN)" = local ] && needed=1.24.6
  [ "$(printf '%s\n' "$needed" "${version#go}" | sort -V | head -n 1)" = "$needed" ]
}

build() {
  # `go install module@version` refuses a module with a `replace`, so a wrapper module repeats it.
  local dir
  rm -rf "$TARGET/src" && mkdir -p "$TARGET/src" "$TARGET/bin" && cd "$TARGET/src"
  dir=$(go mod download -json "$MODULE@$VERSION" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  {
    sed -e 's#^module .*#module local/jaegerbuild#' -e '/^toolchain /d' "$dir/go.mod"
    printf '\nrequire %s %s\n' "$MODULE" "$VERSION"
  } >go.mod
  cat "$dir/go.sum" >go.sum
  go build -mod=mod -trimpath -buildvcs=false \
    -ldflags "-s -w -X $MODULE/internal/version.latestVersion=$VERSION" -o "$TARGET/bin/jaeger" "$MODULE/cmd/jaeger"
}

if [ -x "$TARGET/bin/jaeger" ] && [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$VERSION" ]; then
  say "$VERSION is already in $TARGET"
else
  fits || { apt golang-go ca-certificates && hash -r && fits; } ||
    die "needs Go 1.24.6 or newer on PATH (on Debian: apt-get install golang-go, from backports where it is older)"
  say "building $VERSION into $TARGET with $(go env GOVERSION)"
  rm -f "$TARGET/.version"
  (export CGO_ENABLED=0 && build) 9>&-
  echo "$VERSION" >"$TARGET/.version"
fi
put "$HERE/jaeger.yaml" "$TARGET/config.yaml"
say "start: $TARGET/bin/jaeger --config file:$TARGET/config.yaml"
