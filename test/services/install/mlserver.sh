#!/usr/bin/env bash
# mlserver.sh [TARGET]   installs MLServer with its scikit-learn runtime and two models: `iris` (a logistic regression)
# and `echo-slow` (answers late or with an error on request). A second run does nothing. About 1.5 minutes, 530 MB.
# PYTHON names the interpreter to use, if the first fitting one on PATH is not wanted.
set -euo pipefail
SERVICE=mlserver
VERSION=1.7.1
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
PYTHON_IN_VENV=$TARGET/venv/bin/python

# MLServer 1.7 runs on these; ensurepip is what Debian leaves out of python3 and puts into python3-venv.
fits() { "$1" -c 'import ensurepip, venv, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }
find_python() {
  local python
  for python in ${PYTHON:-} python3 python3.12 python3.11; do
    fits "$python" && echo "$python" && return
  done
  return 1
}

installed() {
  [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$VERSION" ] && [ -x "$TARGET/venv/bin/mlserver" ] && "$PYTHON_IN_VENV" -c pass
}

if installed; then
  say "$VERSION is already in $TARGET"
else
  BASE=$(find_python || { apt python3 python3-venv && find_python; }) ||
    die "needs Python 3.11 or 3.12 with venv and pip (on Debian: apt-get install python3 python3-venv)"
  say "installing $VERSION into $TARGET with $("$BASE" --version)"
  rm -f "$TARGET/.version"
  "$BASE" -m venv --clear "$TARGET/venv"
  "$PYTHON_IN_VENV" -m pip install -q --no-input --disable-pip-version-check -c "$HERE/mlserver-constraints.txt" \
    "mlserver==$VERSION" "mlserver-sklearn==$VERSION" 9>&-
  echo "$VERSION" >"$TARGET/.version"
fi

for file in settings.json iris/model-settings.json echo-slow/model-settings.json echo-slow/runtime.py; do
  put "$HERE/models/$file" "$TARGET/models/$file"
done
[ -f "$TARGET/models/iris/model.joblib" ] || "$PYTHON_IN_VENV" "$HERE/models/iris/train.py" "$TARGET/models/iris/model.joblib"
put "$HERE/mlserver-start.sh" "$TARGET/start.sh" && chmod +x "$TARGET/start.sh"
say "start: $TARGET/start.sh (MLSERVER_GRPC_PORT, MLSERVER_HTTP_PORT and MLSERVER_METRICS_PORT choose the ports)"
