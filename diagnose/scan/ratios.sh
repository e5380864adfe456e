#!/usr/bin/env bash
# How fast "scan" is against what else counts the same, on this machine and in
# one run: medians of alternating runs by hyperfine. What is not installed is
# left out.
#
#   diagnose/scan/ratios.sh [MEGABYTES]      (default 1000)
set -euo pipefail
cd "$(dirname "$0")/../.."

megabytes=${1:-1000}
work=${RATIOS_DIR:-$(mktemp -d)}
doctor=$work/immersve-doctor
go build -o "$doctor" .
go build -o "$work/generate" ./diagnose/scan/generate

make() { [ -s "$work/$1" ] || "$work/generate" "${@:2}" > "$work/$1"; }
make log.ndjson -size "${megabytes}000000"
make access.log -form access -size "${megabytes}00000"
make log.har -form har -count 100000

have() { command -v "$1" > /dev/null; }
have hyperfine || { echo 'this script needs hyperfine'; exit 1; }

# compare NAME=COMMAND…: the first is the doctor; the others are told as how many
# times longer they take.
compare() {
  local title=$1 file=$2; shift 2
  printf '\n%s (%s MB)\n' "$title" "$(($(stat -c %s "$file") / 1000000))"
  local names=() commands=()
  for pair in "$@"; do names+=(-n "${pair%%=*}"); commands+=("${pair#*=}"); done
  hyperfine --style none --ignore-failure --warmup 1 --runs "${RUNS:-5}" --export-json "$work/result.json" "${names[@]}" "${commands[@]}" > /dev/null 2>&1
  jq -r --argjson bytes "$(stat -c %s "$file")" '.results as $r | $r[] |
    "  \(.command)\t\(.median * 1000 | round) ms\t\($bytes / .median / 1e6 | round) MB/s\t\(.median / $r[0].median * 10 | round / 10) x\tuser+sys \((.user + .system) / ($r[0].user + $r[0].system) * 10 | round / 10) x"' \
    "$work/result.json" | column -t -s $'\t'
}

count='reduce inputs as $l ({}; .status[$l.res.statusCode | tostring] += 1 | .route[$l.req.method] += 1)'
ndjson=("scan=$doctor scan -o json $work/log.ndjson" "scan, one lane=$doctor scan --workers 1 -o json $work/log.ndjson")
have jq && ndjson+=("jq=jq -n '$count' $work/log.ndjson")
ndjson+=("wc -l=wc -l $work/log.ndjson")
compare 'JSON lines' "$work/log.ndjson" "${ndjson[@]}"

access=("scan=$doctor scan -o json $work/access.log")
have goaccess && access+=("goaccess=goaccess --no-global-config --log-format=COMBINED $work/access.log -o $work/report.json")
access+=("wc -l=wc -l $work/access.log")
compare 'Access log' "$work/access.log" "${access[@]}"

har=("scan=$doctor scan -o json $work/log.har")
have jq && har+=("jq=jq '.log.entries | group_by(.response.status) | map(length)' $work/log.har")
compare 'HAR of 100,000 entries' "$work/log.har" "${har[@]}"

if [ -x /usr/bin/time ]; then
  echo
  for file in log.ndjson access.log log.har; do
    printf 'peak memory on %s: ' "$file"
    /usr/bin/time -f '%M KiB' "$doctor" scan -o json "$work/$file" 2>&1 > /dev/null | tail -n 1 || true
  done
fi
