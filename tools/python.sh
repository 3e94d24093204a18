#!/usr/bin/env bash
# Makes the Python environment of the tests and the demo in .cache/venv and prints the path of its python.
# Quick when tests/requirements.txt is unchanged.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=.cache/venv
python=$PWD/$environment/bin/python
stamp=$(sha256sum tests/requirements.txt | cut -d ' ' -f 1)" $(python3 --version)"
if [[ ! -x $python || ! -f $environment/stamp || $(<"$environment/stamp") != "$stamp" ]]; then
    echo "installing the Python packages of the tests" >&2
    rm -rf "$environment"
    if ! python3 -m venv "$environment" >&2; then
        echo "python3 cannot make a virtual environment: on Debian and Ubuntu, 'apt-get install python3-venv'" >&2
        exit 1
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt >&2
    echo "$stamp" >"$environment/stamp"
fi
echo "$python"
