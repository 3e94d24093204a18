#!/usr/bin/env bash
# Runs the tests of the wheel with the oldest Python that the package serves, where the machine has it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^requires-python = ">=\(.*\)"$/\1/p' pkg/python/pyproject.toml)
find_python() {
    local candidate
    for candidate in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
        # a name on the path may stand for a version that is not installed
        if "$candidate" -c '' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_python)
if [[ -z $python ]]; then
    node tools/skips/skips.mjs "Python $version" "it is not on this machine, the tests ran with $(python3 --version) alone"
    exit
fi

environment=$PWD/.cache/venv-$version
stamp=$(sha256sum tests/requirements.txt | cut -d ' ' -f 1)
if [[ ! -f $environment/stamp || $(<"$environment/stamp") != "$stamp" ]]; then
    rm -rf "$environment"
    "$python" -m venv "$environment"
    # what builds and checks wheels has no part in running them
    grep -v -E '^(maturin|mypy)' tests/requirements.txt >"$environment/requirements.txt"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$environment/requirements.txt"
    echo "$stamp" >"$environment/stamp"
fi
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall target/wheels/*.whl "${CARGO_TARGET_DIR:-target}"/cli-wheels/*.whl
"$environment/bin/python" --version
(cd pkg/python && PYTHON=$environment/bin/python ../../tools/pytest.sh)
