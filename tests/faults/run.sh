#!/usr/bin/env bash
# One call after another is made to fail in short runs of train, eval and predict (faults.c), and each run must end well:
#   run.sh FAULTY PROGRAM [quick|sites|spread|all]      FAULTY: bicross_faults; PROGRAM: bicross, which looks at what was left
#     quick    a third of the places that call, more of those on files (./run test)
#     sites    each place, once
#     spread   each place in each of the three runs: its first, second, a middle and its last call
#     all      every call: days
# Ending well: exit status 1 or 2 with one sentence on stderr, or 0 with whole results where optional.txt allows the call to
# fail; no leak, nothing half-written, no temporary file, and training that is resumed ends in the bits of an undisturbed one.
# A run that does not is told in a line, with the command that shows it again.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scenarios="predict eval train" # the shortest first: a place is tried where it is reached soonest

export OCL_ICD_VENDORS=pocl.icd BICROSS_SELFTEST=off
export ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS="suppressions=$here/../lsan.supp:print_suppressions=0"

# run_scenario PROGRAM SCENARIO [OPTION...]: in the current folder; ../made has what an undisturbed run made.
run_scenario() {
    local program=$1 scenario=$2
    shift 2
    case $scenario in
    train) "$program" train --config "$here/tiny.ini" "$@" ;;
    eval)
        "$program" eval --config "$here/tiny.ini" --weights ../made/run/crossdomain/weights.safetensors \
            --save-dir out --json out.json
        ;;
    predict)
        "$program" predict --weights ../made/run/crossdomain/weights.safetensors --spikes ../made/data/spikes/000000.npy \
            --depth depth.png --uncertainty uncertainty.npy --color color.png
        ;;
    esac
}

# What an undisturbed run leaves, without the names that carry a time.
list_files() {
    find . -type f ! -name 'events.*' ! -name 'std*' ! -name 'report' ! -name 'resume.*' | sort
}

# Says what is wrong with the files below the current folder.
check_files() {
    local file
    while read -r file; do
        case $file in
        *.tmp-*) echo "left $file" ;;
        *.safetensors | *.png | *.npy | *.pfm) "$PROGRAM" inspect "$file" >/dev/null || echo "half-written $file" ;;
        */config.ini) "$PROGRAM" train --config "$file" --print-config >/dev/null || echo "half-written $file" ;;
        *.json) [ "$(tail -c 2 "$file")" = "}" ] || echo "half-written $file" ;;
        *.html) grep -q '</html>' "$file" || echo "half-written $file" ;;
        */log.csv)
            [ "$(head -n 1 "$file")" = step,name,value ] &&
                ! tail -n +2 "$file" | grep -qvE '^[0-9]+,[a-z_ ]+,[-+0-9.e]+$' || echo "half-written $file"
            ;;
        esac
    done < <(find . -type f) 2>&1
}

# The functions of ours that hold the address, innermost first.
functions_at() {
    addr2line -f -i -e "$FAULTY" "$(printf '0x%x' $(($1 - 1)))" | sed -n 'p;n' | tr '\n' ' '
}

# Whether optional.txt allows FUNCTION, called in one of the other functions, to fail.
is_optional() {
    local function=$1 caller
    shift
    for caller in "$@"; do
        grep -q "^$function $caller " "$here/optional.txt" && return 0
    done
    return 1
}

# check_status SCENARIO STATUS FUNCTION ADDRESS: says what is wrong.
check_status() {
    local scenario=$1 status=$2 function=$3 place callers sentences
    [ "$status" -eq 1 ] || [ "$status" -eq 2 ] || callers=$(functions_at "$4")
    place="$function in ${callers:-$4}"
    sentences=$(grep -c '^error: ' stderr)
    case $status in
    0)
        # shellcheck disable=SC2086 # the callers are words
        is_optional "$function" $callers || echo "passed over: $place"
        [ -z "$(list_files | comm -13 - "../made/$scenario.files")" ] || echo "status 0, but files are missing"
        ;;
    1 | 2)
        [ "$sentences" -eq 1 ] || echo "$sentences sentences on stderr"
        grep -q '^error: .*failed without a message' stderr && echo "no message: $place"
        ;;
    99) echo "AddressSanitizer: $place: $(grep -m 1 -A 6 -E 'ERROR: |Direct leak' stderr | tr '\n' ' ')" ;;
    *) echo "status $status: $place" ;;
    esac
}

# Says it when a training that failed cannot be resumed to the same weights.
check_resume() {
    run_scenario "$PROGRAM" train --resume >resume.stdout 2>resume.stderr ||
        echo "not resumed: $(grep '^error: ' resume.stderr)"
    cmp -s run/crossdomain/weights.safetensors ../made/run/crossdomain/weights.safetensors ||
        echo "resumed to other weights"
}

# one SCENARIO KIND N: prints the run's faults.
one() {
    local scenario=$1 kind=$2 at=$3 folder=$WORK/$1-$2-$3 status word function address faults
    mkdir "$folder" && cd "$folder" || exit 1
    BICROSS_FAULT_KIND=$kind BICROSS_FAULT_AT=$at BICROSS_FAULT_REPORT=report \
        run_scenario "$FAULTY" "$scenario" >stdout 2>stderr </dev/null
    status=$?
    read -r word function address <report
    if [ "$word" != failed ]; then
        faults="call $at was not reached (status $status)"
    else
        faults=$(
            check_status "$scenario" "$status" "$function" "$address"
            check_files
            [ "$scenario" = train ] && [ "$status" -ne 0 ] && check_resume
        )
    fi
    cd "$WORK" && rm -rf "$folder"
    [ -z "$faults" ] && return 0
    printf '%s\n' "$faults" | sed "s/^/$scenario $kind $at: /"
    return 1
}

# Each place where it is reached soonest: in the middle of a short run, at first in training, which is long.
each_site() {
    for scenario in $scenarios; do
        awk -v s="$scenario" '{ print s, $2, s == "train" ? $6 : $8, $2 $3 $4 }' "made/$scenario.sites"
    done | awk '!seen[$4]++ { print $1, $2, $3 }'
}

# What is tried: lines "SCENARIO KIND N" from the sites of the undisturbed runs.
choose() {
    case $1 in
    quick)
        each_site | awk '$2 ~ /^(alloc|opencl|write)$/ && n[$2]++ % 3 { next } { print }'
        awk '$2 ~ /^(sync|rename|open)$/ { for (i = 6; i <= 9; i++) print "train", $2, $i }' made/train.sites
        ;;
    sites)
        each_site
        awk '$2 ~ /^(sync|rename|open)$/ { for (i = 6; i <= 9; i++) print "train", $2, $i }' made/train.sites
        ;;
    spread)
        for scenario in $scenarios; do
            awk -v s="$scenario" '{ for (i = 6; i <= 9; i++) print s, $2, $i }' "made/$scenario.sites"
        done
        ;;
    all)
        for scenario in $scenarios; do
            awk -v s="$scenario" '{ n[$2] += $5 } END { for (k in n) for (i = 1; i <= n[k]; i++) print s, k, i }' \
                "made/$scenario.sites"
        done
        ;;
    *)
        echo "run.sh: quick, sites, spread or all, not '$1'" >&2
        exit 2
        ;;
    esac | sort -u
}

# The undisturbed runs: they make what eval and predict read, fill the cache of kernels, and count the calls.
prepare() {
    mkdir made && cd made || exit 1
    "$PROGRAM" synth --scenario syn2real --split target --count 1 --size 32x32 --out data >/dev/null 2>&1 || exit 1
    local scenario
    for scenario in train eval predict; do
        mkdir "../$scenario" && cd "../$scenario" || exit 1
        if ! BICROSS_FAULT_REPORT=$WORK/made/$scenario.sites run_scenario "$FAULTY" "$scenario" >stdout 2>stderr; then
            cat stderr
            echo "run.sh: $scenario fails without a fault"
            exit 1
        fi
        list_files >"$WORK/made/$scenario.files"
        [ "$scenario" = train ] && mv run "$WORK/made/run"
    done
    cd "$WORK" && rm -rf train eval predict
}

# Every OpenCL function that can fail is wrapped; what releases has nothing to report.
check_wrapped() {
    local name missing=""
    for name in $(nm -u "$FAULTY" | sed -n 's/.* U \(cl[A-Z][A-Za-z]*\).*/\1/p' | grep -v '^clRelease'); do
        nm "$FAULTY" | grep -q " T __wrap_$name\$" || missing="$missing $name"
    done
    [ -z "$missing" ] || { echo "faults.c does not wrap$missing"; exit 1; }
}

if [ "$1" = --one ]; then
    one "$2" "$3" "$4"
    exit
fi
[ -n "$(ls /etc/OpenCL/vendors/pocl.icd 2>/dev/null)" ] || { echo "skipped: PoCL is not there"; exit 77; }
FAULTY=$(realpath "$1")
PROGRAM=$(realpath "$2")
# In memory where there is enough: thousands of files are synced.
[ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 1000000 ] 2>/dev/null && export TMPDIR=/dev/shm
WORK=$(mktemp -d) || exit 1
trap 'rm -rf "$WORK"' EXIT
export FAULTY PROGRAM WORK
cd "$WORK" || exit 1
check_wrapped
prepare
choose "${3:-quick}" >tried
if xargs -P "$(nproc)" -L 1 "$here/run.sh" --one <tried >faults; then
    echo "$(wc -l <tried) faults, each ended well"
    exit 0
fi
cat faults
echo "$(wc -l <tried) faults, $(cut -d: -f1 faults | sort -u | wc -l) ended badly; one again:"
echo "  BICROSS_FAULT_KIND=KIND BICROSS_FAULT_AT=N $FAULTY ... as in run_scenario of $here/run.sh"
exit 1
