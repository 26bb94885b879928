#!/usr/bin/env bash
# Asks datacontract-cli whether each contract is sound ODCS; about a second each. `cargo test` checks the published
# schema by itself (tests/contracts/standard.rs), without Python and without a network.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv="${LINT_VENV:-$HOME/.cache/finsam/lint}"
if [ ! -x "$venv/bin/datacontract" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet datacontract-cli==1.2.8
fi
failed=0
for contract in data-contracts/{deliveries,core,derived,mart,release}/*.yaml; do
    if ! said=$("$venv/bin/datacontract" lint "$contract" 2>&1); then
        printf '%s\n%s\n' "$contract" "$said"
        failed=$((failed + 1))
    fi
done
echo "$failed contracts at fault"
[ "$failed" -eq 0 ]
