#!/usr/bin/env bash
# Starts MLServer with its models on loopback; by default gRPC on 8081, REST on 8080, metrics on 8082.
cd "$(dirname "${BASH_SOURCE[0]}")/models" || exit 1
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=echo-slow exec ../venv/bin/mlserver start .
