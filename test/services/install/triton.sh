#!/usr/bin/env bash
# triton.sh [TARGET]   installs NVIDIA Triton for the CPU out of PyPI's package nvidia-pytriton, which carries the server's
# program; of PyTriton itself nothing is used. With the models of `triton-models`. A second run does nothing. Some
# seconds, 250 MB. PYTHON names the interpreter for the models, if the first fitting one is not wanted.
set -euo pipefail
SERVICE=triton
VERSION=2.51-pytriton-0.7.0
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
TARGET=$(target_dir "${1:-}")
lock "$TARGET"
PYTHON_IN_VENV=$TARGET/venv/bin/python

# Triton loads the models' Python as a shared library and needs that of the same build: Debian's 3.11 with the standard
# library of another 3.11 does not run. ensurepip is what Debian leaves out of python3 and puts into python3-venv.
library() {
  "$1" - 2>/dev/null <<'P'
import ensurepip, os, sys, sysconfig, venv
library = os.path.join(sysconfig.get_config_var("LIBDIR"), "libpython%d.%d.so.1.0" % sys.version_info[:2])
sys.exit(1) if not (3, 10) <= sys.version_info[:2] <= (3, 12) or not os.path.exists(library) else print(library)
P
}
find_python() {
  local python
  for python in ${PYTHON:-} python3 python3.12 python3.11 python3.10 /usr/bin/python3; do
    library "$python" >/dev/null && echo "$python" && return
  done
  return 1
}
install_python() { apt python3 python3-venv && apt "libpython$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"; }

# Both programs answer a wrong call with 1; a missing library would be 127.
runs() { "$@" >/dev/null 2>&1 || [ $? = 1 ]; }
installed() {
  [ "$(cat "$TARGET/.version" 2>/dev/null)" = "$VERSION" ] && usable
}
usable() {
  "$PYTHON_IN_VENV" -c 'import numpy' && runs "$TARGET/tritonserver/bin/tritonserver" --help &&
    LD_LIBRARY_PATH=$TARGET/lib runs "$TARGET/tritonserver/backends/python/triton_python_backend_stub"
}

if installed; then
  say "$VERSION is already in $TARGET"
else
  BASE=$(find_python || { install_python && find_python; }) ||
    die "needs Python 3.10 to 3.12 with venv, pip and its shared library (on Debian: apt-get install python3 python3-venv libpython3.11)"
  say "installing $VERSION into $TARGET with $("$BASE" --version)"
  rm -rf "$TARGET/.version" "$TARGET/lib"
  "$BASE" -m venv --clear "$TARGET/venv"
  # Without PyTriton's own dependencies: the server needs none of them, the models numpy.
  "$PYTHON_IN_VENV" -m pip install -q --no-input --disable-pip-version-check --no-deps nvidia-pytriton==0.7.0 numpy==1.26.4 9>&-
  packages=$("$PYTHON_IN_VENV" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  minor=$("$PYTHON_IN_VENV" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  ln -sfn "$packages/pytriton/tritonserver" "$TARGET/tritonserver"
  cp "$packages/pytriton/tritonserver/python_backend_stubs/$minor/triton_python_backend_stub" "$packages/pytriton/tritonserver/backends/python/"
  mkdir -p "$TARGET/lib" && ln -sfn "$(library "$BASE")" "$TARGET/lib/"
  usable || die "what was installed does not run on this machine (it is made for x86-64 with glibc 2.35 or newer)"
  echo "$VERSION" >"$TARGET/.version"
fi

for model in dbl tpl dbl-queue dbl-stream; do
  put "$HERE/triton-models/$model/config.pbtxt" "$TARGET/models/$model/config.pbtxt"
  put "$HERE/triton-models/model.py" "$TARGET/models/$model/1/model.py"
done
put "$HERE/triton-start.sh" "$TARGET/start.sh" && chmod +x "$TARGET/start.sh"
say "start: $TARGET/start.sh (TRITON_GRPC_PORT chooses the port)"
