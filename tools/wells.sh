#!/usr/bin/env bash
# Makes the environment of examples/wells in .cache/wells-venv, with the wheel that tools/wheel.sh made, and prints the path
# of its python; quick when neither changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shopt -s nullglob
wheels=(target/wheels/isofold-*.whl)
if [[ ${#wheels[@]} == 0 ]]; then
    echo "no wheel of isofold: run tools/wheel.sh first" >&2
    exit 1
fi

environment=.cache/wells-venv
python=$PWD/$environment/bin/python
stamp=$(cat "${wheels[0]}" examples/wells/requirements.txt | sha256sum)" $(python3 --version)"
if [[ ! -x $python || ! -f $environment/stamp || $(<"$environment/stamp") != "$stamp" ]]; then
    echo "installing the Python packages of the wells" >&2
    rm -rf "$environment"
    if ! python3 -m venv "$environment" >&2; then
        echo "python3 cannot make a virtual environment: on Debian and Ubuntu, 'apt-get install python3-venv'" >&2
        exit 1
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --requirement examples/wells/requirements.txt "${wheels[0]}" >&2
    echo "$stamp" >"$environment/stamp"
fi
echo "$python"
