#!/bin/sh
# Pins the tested versions anew, with hashes, for every supported Python: run after changing pyproject.toml.
# Needs uv. No index host is written: pip takes the packages from wherever it is configured to.
set -eu
cd "$(dirname "$0")"
compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links "$@"
}
compile pyproject.toml --extra sandbox --extra report --group build --output-file requirements.txt --upgrade
compile pyproject.toml --extra sandbox --extra report --group dev --output-file requirements-dev.txt --constraints requirements.txt
compile pyproject.toml --extra fleet --extra notify --extra remote --extra webhooks --extra report --group build \
  --output-file requirements-image.txt --constraints requirements-dev.txt
