#!/usr/bin/env bash
# Time and peak memory of the invented country, its night, and a night in which nothing has changed;
# how many rows of each delivery contract ingest takes per second;
# and the peak memory of ingest at 1, 4 and 16 times the rows, of a whole country and of one long delivery.
#
#   tests/bench.sh FINSAM-BINARY          SCALE=0.2 ROWS=200000 tests/bench.sh FINSAM-BINARY
#
# Works in a temporary folder (TMPDIR) that is removed afterwards.
set -euo pipefail
export LC_ALL=C

if [[ $# -ne 1 || ! -x $1 ]]; then
    echo "usage: [SCALE=1] [ROWS=200000] $0 FINSAM-BINARY" >&2
    exit 2
fi
finsam=$1
scale=${SCALE:-1}
rows=${ROWS:-200000}
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
    if [[ $code -ne ${expected:-0} ]]; then
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

# Without kommun, which the night requires, it ends where ingest ends: exit 10.
# country SCALE: a data root for ingest alone, in $work/vaxer.
country() {
    rm -rf "$work/vaxer"
    mkdir -p "$work/vaxer"
    "$finsam" generate --root "$work/vaxer" --facit "$work/facit" --scale "$1" --quiet
    rm -r "$work/vaxer/deliveries/kommun"
}

# lengthen ROWS: one delivery of sjukpenning with so many rows, each with a key of its own, about people of SUS.
lengthen() {
    local folder
    folder=$(echo "$work"/vaxer/deliveries/fk_sjukpenning/*)
    cut -d';' -f3 "$work"/vaxer/deliveries/sus_deltagande/*/deltagande.csv | grep -E '^[0-9]{12}$' | sort -u |
        awk 'NR <= 500' >"$work/people"
    awk -v rows="$1" '{ person[NR] = $1 }
        END {
            for (row = 0; row < rows; row++) {
                nr = int(row / NR)
                day = sprintf("%04d%02d%02d", 2000 + int(nr / 336), int(nr / 28) % 12 + 1, nr % 28 + 1)
                printf "%sSP%s%s100%13s\n", person[row % NR + 1], day, day, ""
            }
        }' "$work/people" >"$folder/sjukpenning.txt"
    sed -i -e "s/rader: .*/rader: $1/" \
        -e "s/sha256: .*/sha256: $(sha256sum "$folder/sjukpenning.txt" | cut -d' ' -f1)/" "$folder/leverans.yaml"
}

printf '\n%-22s %10s %14s %6s\n' ingest seconds 'peak MiB' exit
expected=10
for times in 1 4 16; do
    country "$(awk -v times=$times 'BEGIN { print 0.05 * times }')"
    measure "country-x$times" "$finsam" run --root "$work/vaxer" --key-file "$key"
done
for times in 1 4 16; do
    country 0.05
    lengthen $((rows * times))
    measure "rows-x$times" "$finsam" run --root "$work/vaxer" --key-file "$key"
done

exit "$failed"
