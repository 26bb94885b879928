#!/usr/bin/env bash
# Has τ-ARGUS's own auditor (pytauargus) look at our patterns, and compares what it finds with what we hold proven.
# Usage: run.sh FINSAM DATA_ROOT [RELEASE…]; without a release the one in force, and every vintage. AUDITORS_MOST leaves
# out what hangs together over more cells: the auditor's time grows with the square of them.
# Python 3.11; the first time it fetches the program.
set -euo pipefail
finsam=$(realpath "$1")
root=$(realpath "$2")
shift 2
cd "$(dirname "$0")"

venv="${AUDITORS_VENV:-$HOME/.cache/finsam/auditors}"
packages="pytauargus==0.6.0"
if [ "$(cat "$venv/packages" 2>/dev/null)" != "$packages" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "$packages"
    printf '%s\n' "$packages" >"$venv/packages"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -eq 0 ]; then
    ledger="$root/proof/argangar"
    vintages=
    [ ! -d "$ledger" ] || vintages=$(find "$ledger" -mindepth 1 -maxdepth 1 -name '[a-z]*' -printf '%f\n' | sort)
    # shellcheck disable=SC2086
    set -- "$(cat "$root/CURRENT")" $vintages
fi
failed=0
"$venv/bin/python" -B generated.py "$finsam" "$work" || failed=$((failed + 1))
for release in "$@"; do
    "$finsam" audit --root "$root" --release "$release" --out "$work/$release"
    "$venv/bin/python" -B release.py "$work/$release" ${AUDITORS_MOST:-} || failed=$((failed + 1))
    rm -rf "${work:?}/$release"
done
echo "$failed comparisons with another auditor differ"
[ "$failed" -eq 0 ]
