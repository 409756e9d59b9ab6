#!/usr/bin/env bash
# The demo of one scenario, protocol and seed, whose results are kept beside this file for print.py:
#   vendor_notes/results/demo.sh BICROSS FOLDER SCENARIO generic|sensor SEED
# A run that was stopped goes on.
set -euo pipefail
if [ $# -ne 5 ]; then
    sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
bicross=$1 folder=$2/$4-$3-$5 kept=$(dirname "${BASH_SOURCE[0]}")/demo-$4-$3-$5.json
resume=()
[ -e "$folder" ] && resume=(--resume)
"$bicross" demo --scenario "$3" --protocol "$4" --seed "$5" --out "$folder" ${resume[@]+"${resume[@]}"}
cp "$folder/results.json" "$kept"
