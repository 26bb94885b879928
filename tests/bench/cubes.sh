#!/usr/bin/env bash
# Protects and proves the two tables that tau-ARGUS was timed on (cube.py): at its level of protection, a cell may not
# be known exactly, and at ours, from one person to the threshold.
#
#   tests/bench/cubes.sh FINSAM-BINARY
#
# To beat, on two cores: 13 536 cells in 10 s with 1 217 secondary; 2 745 cells in 0.5 s.
set -euo pipefail

if [[ $# -ne 1 || ! -x $1 ]]; then
    echo "usage: $0 FINSAM-BINARY" >&2
    exit 2
fi
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for level in 1 5; do
    for measures in 2 3; do
        LEVEL=$level python3 "$here/cube.py" "$measures" "$work/cube.jj"
        echo "level $level: $("$1" audit "$work/cube.jj" --protect "$work/out.jj" | tail -1)"
    done
done
