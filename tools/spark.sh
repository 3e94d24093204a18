#!/usr/bin/env bash
# Makes the environment of the Spark tests in .cache/spark, with a JRE where the machine has no Java, installs the wheel in
# it and prints the path of its python. Quick when tests/spark/requirements.txt is unchanged.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

if ! command -v java >/dev/null; then
    echo "installing a Java runtime for Spark" >&2
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless; } >&2
fi
environment=.cache/spark
python=$PWD/$environment/bin/python
stamp=$(sha256sum tests/spark/requirements.txt | cut -d ' ' -f 1)" $(python3 --version)"
if [[ ! -x $python || ! -f $environment/stamp || $(<"$environment/stamp") != "$stamp" ]]; then
    echo "installing Spark, which is some 450 MB" >&2
    rm -rf "$environment"
    python3 -m venv "$environment" >&2
    waited "$python" -m pip install --quiet --disable-pip-version-check --requirement tests/spark/requirements.txt >&2
    echo "$stamp" >"$environment/stamp"
fi
"$python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps target/wheels/*.whl >&2
echo "$python"
