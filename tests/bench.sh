#!/usr/bin/env bash
# Time and peak memory of the invented country, its night, and a night in which nothing has changed;
# and how many rows of each delivery contract ingest takes per second.
#
#   tests/bench.sh FINSAM-BINARY          SCALE=0.2 tests/bench.sh FINSAM-BINARY
#
# Works in a temporary folder (TMPDIR) that is removed afterwards.
set -euo pipefail
export LC_ALL=C

if [[ $# -ne 1 || ! -x $1 ]]; then
    echo "usage: [SCALE=1] $0 FINSAM-BINARY" >&2
    exit 2
fi
finsam=$1
scale=${SCALE:-1}
unset FINSAM_ROOT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/land
key=$work/land.key
failed=0

# GNU time knows the peak memory; bash's own time does not.
gnu_time=
if /usr/bin/time -v true 2>/dev/null; then
    gnu_time=/usr/bin/time
fi

# measure NAME COMMAND...: runs the command, its talk to $work/NAME.log, and prints one line of the table.
measure() {
    local name=$1 code=0 seconds peak=-
    shift
    if [[ -n $gnu_time ]]; then
        "$gnu_time" -v -o "$work/$name.time" "$@" >/dev/null 2>"$work/$name.log" || code=$?
        seconds=$(awk '/Elapsed \(wall clock\)/ { n = split($NF, t, ":"); s = 0
            for (i = 1; i <= n; i++) s = s * 60 + t[i]; printf "%.2f", s }' "$work/$name.time")
        peak=$(awk '/Maximum resident set size/ { printf "%.0f", $NF / 1024 }' "$work/$name.time")
    else
        local TIMEFORMAT=%R
        { time "$@" >/dev/null 2>"$work/$name.log" || code=$?; } 2>"$work/$name.time"
        seconds=$(tail -n 1 "$work/$name.time")
    fi
    printf '%-22s %10s %14s %6d\n' "$name" "$seconds" "$peak" "$code"
    if [[ $code -ne 0 ]]; then
        failed=$code
        tail -n 3 "$work/$name.log" | sed 's/^/    /'
    fi
}

mkdir -p "$root"
"$finsam" key new "$key" >/dev/null

printf 'scale %s\n\n' "$scale"
printf '%-22s %10s %14s %6s\n' step seconds 'peak MiB' exit
measure generate "$finsam" generate --root "$root" --facit "$work/facit" --scale "$scale"
measure run "$finsam" run --root "$root" --key-file "$key"
measure run-unchanged "$finsam" run --root "$root" --key-file "$key"

# A delivery ends with a line on stderr: contract, uttagsdatum, seconds, "s", "accepted:", rows, "rows," …
printf '\n%-22s %12s %10s %14s\n' register rows seconds 'rows/second'
awk '$4 == "s" && ($5 == "accepted:" || $5 == "refused:") {
        rows[$1] += $6; seconds[$1] += $3; rows["(all)"] += $6; seconds["(all)"] += $3
    }
    END {
        for (name in rows) {
            rate = seconds[name] > 0 ? sprintf("%d", rows[name] / seconds[name]) : "-"
            printf "%-22s %12d %10.1f %14s\n", name, rows[name], seconds[name], rate
        }
    }' "$work/run.log" | sort

exit "$failed"
