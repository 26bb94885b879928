#!/usr/bin/env bash
# Ingest of a register of the full population against what one would write by hand: in one run, on the same files, the
# same rows kept by both; as CSV and as Parquet; with the ratio of the times and the peak memory of each. By hand in two
# orders (by_hand.py): `hashed` meets on pseudonyms, as finsam does; `plain` on the numbers, the least work there is.
#
#   tests/bench/population.sh FINSAM-BINARY        PEOPLE=10000000 RUNS=3 PYTHON=python3 tests/bench/population.sh …
#
# Needs Python with DuckDB (`pip install duckdb`), GNU time, and 4 GB in the temporary folder (TMPDIR).
set -euo pipefail
export LC_ALL=C

if [[ $# -ne 1 || ! -x $1 ]]; then
    echo "usage: [PEOPLE=10000000] [RUNS=3] [PYTHON=python3] $0 FINSAM-BINARY" >&2
    exit 2
fi
finsam=$1 people=${PEOPLE:-10000000} runs=${RUNS:-3} python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)
unset FINSAM_ROOT
if ! "$python" -c 'import duckdb' 2>/dev/null; then
    echo "population.sh: $python has no DuckDB: pip install duckdb, or name another PYTHON" >&2
    exit 2
fi
work=${WORK:-$(mktemp -d)}
[[ -n ${WORK:-} ]] || trap 'rm -rf "$work"' EXIT

[[ -e $work/agi.parquet ]] || "$python" "$here/population.py" "$work" "$people"
rows=$((2 * people))
key=$work/key
[[ -e $key ]] || "$finsam" key new "$key" >/dev/null

# The contract takes the register in either format, and rows of one key replace each other.
rules() {
    rm -rf "$work/regler-$1"
    mkdir "$work/regler-$1"
    cp -r "$here/../../data-contracts" "$here/../../sql" "$work/regler-$1"
    local agi=$work/regler-$1/data-contracts/deliveries/agi.yaml
    sed -i -E '/property: (format|teckenkodning|avgransare|rubrikrad|radslut|filnamn|upprepadNyckel),/d' "$agi"
    if [[ $1 == csv ]]; then
        printf '  - {property: %s}\n' 'format, value: avgransad' 'teckenkodning, value: utf-8' \
            'avgransare, value: ;' 'rubrikrad, value: true' 'radslut, value: lf' >>"$agi"
    else
        printf '  - {property: format, value: parquet}\n' >>"$agi"
    fi
    printf '  - {property: %s}\n' "filnamn, value: agi.$1" 'upprepadNyckel, value: ersatter' >>"$agi"
}

# A data root whose participants are in core already, and whose register is new. Without kommun, which the night
# requires, it ends where ingest ends: exit 10.
root() {
    local root=$work/rot-$1 folder
    rm -rf "$root"
    mkdir -p "$root"
    "$finsam" --rules "$work/regler-$1" generate --root "$root" --facit "$work/facit" --scale 0.01 --quiet
    rm -r "$root/deliveries/"{kommun,agi,folkbokforing,fk_sjukpenning,ekonomiskt_bistand,samtycke_atertaget,skyddade_personer,kontrollgrupp,sus1_deltagare}
    folder=$(echo "$root"/deliveries/sus_deltagande/*)
    { head -n 1 "$folder/deltagande.csv"
      awk 'NR > 1 { printf "D%07d;I000001;%s;FINSAM;2019-03-01;;;;\r\n", NR, $1 }' "$work/deltagare.csv"
    } >"$work/deltagande.csv"
    mv "$work/deltagande.csv" "$folder/deltagande.csv"
    sed -i -e "s/rader: .*/rader: $(($(wc -l <"$work/deltagare.csv") - 1))/" \
        -e "s/sha256: .*/sha256: $(sha256sum "$folder/deltagande.csv" | cut -d' ' -f1)/" "$folder/leverans.yaml"
    ingest "$1" >/dev/null
    folder=$root/deliveries/agi/2023-06-30
    mkdir -p "$folder"
    ln "$work/agi.$1" "$folder/agi.$1" 2>/dev/null || cp "$work/agi.$1" "$folder/agi.$1"
    cat >"$folder/leverans.yaml" <<YAML
leverans: agi
uttagsdatum: 2023-06-30
period: {fran: 2022-01-01, till: 2022-12-31}
population: alla
filer:
- {namn: agi.$1, rader: $rows, sha256: $(sha256sum "$work/agi.$1" | cut -d' ' -f1)}
YAML
}

ingest() {
    local code=0
    "$finsam" --rules "$work/regler-$1" run --root "$work/rot-$1" --key-file "$key" || code=$?
    [[ $code -eq 10 ]]
}

# measure NAME COMMAND...: seconds and MiB to $work/NAME.time, talk to $work/NAME.log.
measure() {
    local name=$1
    shift
    /usr/bin/time -o "$work/$name.time" -f '%e %M' "$@" >"$work/$name.log" 2>&1 || [[ $? -eq 10 ]]
    tail -n 1 "$work/$name.time" | awk '{ printf "%.2f %.0f\n", $1, $2 / 1024 }'
}

if [[ -n ${FLOOR:-} ]]; then
    trap 'FINSAM_BENCH=$work $FLOOR 2>/dev/null | grep "^floor:" || true; [[ -n ${WORK:-} ]] || rm -rf "$work"' EXIT
fi
printf '%s rows of %s people; all are whole processes, in turn\n\n' "$rows" "$people"
line='%-8s %4s %8s %9s %9s %6s %9s %9s %6s %9s\n'
# shellcheck disable=SC2059
printf "$line" format run 'ours s' 'ours MiB' 'hashed s' ratio MiB 'plain s' ratio MiB
for format in csv parquet; do
    rules "$format"
    root "$format"
    cat "$work/agi.$format" >/dev/null
    for ((run = 1; run <= runs; run++)); do
        rm -rf "$work/rot-$format/"{core,receipts}/agi
        ours=$(measure "ours-$format" "$finsam" --rules "$work/regler-$format" run --root "$work/rot-$format" --key-file "$key")
        figures="$format $run $ours"
        for order in hashed plain; do
            hand=$(measure "$order-$format" "$python" "$here/by_hand.py" "$order" "$work/agi.$format" "$work/deltagare.csv" "$work/$order-$format.parquet")
            figures+=$(echo "$ours $hand" | awk '{ printf " %.2f %.2f %d", $3, $3 / $1, $4 }')
        done
        # shellcheck disable=SC2059,SC2086
        printf "$line" $figures
    done
    grep -h '^agi ' "$work/ours-$format.log" || cat "$work/ours-$format.log"
    for order in hashed plain; do
        "$python" "$here/same_rows.py" "$work/rot-$format/core/agi/2023-06-30.parquet" "$work/$order-$format.parquet"
    done
done
