#!/usr/bin/env bash
# Reads a release back with programs that others wrote, and compares every cell and status with Parquet.
# Usage: run.sh RELEASE_FOLDER. Python 3; the first time it fetches the programs.
set -euo pipefail
release=$(realpath "$1")
cd "$(dirname "$0")"

venv="${READERS_VENV:-$HOME/.cache/finsam/readers}"
packages="pyarrow==26.0.1 pandas==3.1.1 pyaxis==0.4.3 jsonstat-validator==0.4.6 openpyxl==3.1.5"
if [ "$(cat "$venv/packages" 2>/dev/null)" != "$packages" ]; then
    python3 -m venv "$venv"
    # shellcheck disable=SC2086
    "$venv/bin/pip" install --quiet $packages
    printf '%s\n' "$packages" >"$venv/packages"
fi
failed=0
for reader in *.py; do
    [ "$reader" = common.py ] || "$venv/bin/python" -B "$reader" "$release" || failed=$((failed + 1))
done
echo "$failed readers found a fault"
[ "$failed" -eq 0 ]
