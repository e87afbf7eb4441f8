#!/usr/bin/env bash
# Starts Triton with its models on loopback: gRPC on TRITON_GRPC_PORT, 8001 by default. No HTTP, no metrics.
# Arguments go on to it. TRITON_SHM_PREFIX names its files in /dev/shm, of which a killed server leaves some behind.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# The models' Python is the first on PATH, with the shared library that it belongs to.
export PATH=$PWD/venv/bin:$PATH LD_LIBRARY_PATH=$PWD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} PYTHONDONTWRITEBYTECODE=1
exec ./tritonserver/bin/tritonserver \
  --model-repository="$PWD/models" --disable-auto-complete-config \
  --backend-directory="$PWD/tritonserver/backends" \
  --backend-config=python,shm-default-byte-size=1048576 \
  --backend-config=python,shm-region-prefix-name="${TRITON_SHM_PREFIX:-grpc-breaker}" \
  --grpc-address=127.0.0.1 --grpc-port="${TRITON_GRPC_PORT:-8001}" --allow-http=false --allow-metrics=false \
  --exit-timeout-secs="${TRITON_EXIT_SECONDS:-5}" "$@"
