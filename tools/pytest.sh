#!/usr/bin/env bash
# Runs pytest with the Python of the tests, or the one that PYTHON names; in CI a skipped test fails (tools/skips).
set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-$("$tools/python.sh")}
PYTHONPATH=$tools/skips${PYTHONPATH:+:$PYTHONPATH} exec "$python" -m pytest --quiet -p skips_plugin "$@"
