# Shared by the install scripts; sourced, not run.

say() { printf '%s: %s\n' "$SERVICE" "$*"; }
die() {
  printf '%s: %s\n' "$SERVICE" "$*" >&2
  exit 1
}

# target_dir [DIR]: the folder to install into, made if missing, as an absolute path.
target_dir() {
  local dir=${1:-${GRPC_BREAKER_CACHE:-$HOME/.cache/grpc-breaker}/services/$SERVICE}
  mkdir -p "$dir" && (cd "$dir" && pwd)
}

# lock DIR: waits until no other run installs into DIR. The lock goes with this process, however it ends.
lock() {
  if ! command -v flock >/dev/null; then
    say "no flock on this machine: make sure that no second run installs into $1 now"
    return
  fi
  exec 9>"$1/.lock"
  flock -n 9 || { say "waiting for another run in $1"; flock 9; }
}

# apt PACKAGE...: installs Debian packages where that is possible without asking anyone; false elsewhere.
apt() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >&2 9>&-
}

# put SOURCE TARGET: copies a file unless it is there already with the same content.
put() {
  cmp -s "$1" "$2" || { mkdir -p "$(dirname "$2")" && cp "$1" "$2"; }
}
