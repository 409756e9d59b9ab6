#!/usr/bin/env bash
# The built program and files: what it takes, what it refuses at once, where it writes, and what reaches a terminal.
# cli_files.sh PROGRAM
. "$(dirname "$0")/cli_support.sh"

# made NAME HEADER [DATA]: a safetensors file (HEADER and DATA as printf formats them).
made() {
    local length
    length=$(printf "$2" | wc -c)
    { printf "\\$(printf %03o $((length % 256)))\\$(printf %03o $((length / 256)))\\0\\0\\0\\0\\0\\0" && printf "$2${3-}"; } >"$1"
}
tensor='{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'

# --- what cannot be read is refused at once ---
mkfifo pipe.png pipe.npy pipe.safetensors pipe.ini
for kind in png npy safetensors; do
    expect 1 'expected a regular file, found a pipe' inspect pipe.$kind
done
expect 1 'found a pipe' train --print-config --config pipe.ini
expect 1 'found a device' train --print-config --config /dev/zero
expect 1 'found a folder' train --print-config --config .
for kind in png pfm npy safetensors; do
    truncate -s 30G sparse.$kind
    expect 1 'it has 30720.0 MiB, expected at most [0-9]+ MiB' inspect sparse.$kind
done
truncate -s 30G sparse.dat # looked at by windows, so of any length; all frames at once take memory
expect 1 'expected whole frames of 12500 bytes .* and 4720 bytes over' inspect sparse.dat
truncate -s $((16000000 * 12500)) sparse.dat
expect 1 'sparse.dat: it takes 190734.9 MiB, expected at most half of the' inspect --size 250x400 sparse.dat
if ! grep -q __asan_init "$program"; then # AddressSanitizer needs terabytes of addresses
    truncate -s 1G large.npy
    output=$(ulimit -v 1500000; "$program" inspect large.npy 2>&1)
    [[ $output = *"half of the"*"MiB of memory"* ]] || fail "with little memory, a large file gave '$output'"
fi

# --- safetensors ---
made null.safetensors '{"__metadata__":null,"a":'"$tensor"'}' abcd
expect 0 '^a +F32 +1$' inspect null.safetensors
made emoji.safetensors '{"__metadata__":{"note":"\\ud83d\\ude00 \\u001b[31m"},"a":'"$tensor"'}' abcd
expect 0 '^metadata note: 😀 \\x1b\[31m$' inspect emoji.safetensors
made type.safetensors '{"a":{"dtype":"NEW","shape":[7],"data_offsets":[0,4]}}' abcd
expect 0 '^a +NEW +7$' inspect type.safetensors
made hole.safetensors '{"a":'"$tensor"',"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}' abcdefghijkl
expect 1 'no tensor owns the bytes 4 to 8' inspect hole.safetensors
made tail.safetensors '{"a":'"$tensor"'}' abcdefgh
expect 1 'take 4 bytes of data, the file has 8' inspect tail.safetensors
expect 1 'holds no depth network: it has no tensor pretrained.*, but 1 others: a$' \
    predict --weights null.safetensors --spikes x.npy --depth x.pfm

# --- nothing for a terminal to obey ---
made escape.safetensors '{"\\u001b]0;owned\\u0007\\u009b31m\\u202e":'"$tensor"'}' abcd
made escape_error.safetensors '{"\\u001b]0;owned\\u0007":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}' abcd
cp escape.safetensors $'name\e[31m.png'
for file in escape.safetensors escape_error.safetensors $'name\e[31m.png'; do
    if "$program" inspect "$file" 2>&1 | LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae'; then
        fail "$(printf %q "$file") sends control characters to the terminal"
    fi
done

# --- where output goes ---
expect 2 '--out must be a file name that ends in .png' reconstruct --spikes s.npy --out x.jpg
expect 2 '--color must be a file name that ends in .png' predict --weights w.safetensors --rgb a.png --color x.jpg
expect 0 '' synth --scenario syn2real --split source --count 1 --out data
spikes=$(find data -name '*.npy' -o -name '*.dat' | grep spikes | head -1)
if [ -n "$spikes" ]; then
    ln -s folder/real.png link.png
    mkdir folder
    expect 0 '' reconstruct --spikes "$spikes" --out link.png
    [ -L link.png ] && [ -s folder/real.png ] || fail "a link was not followed"
    mkfifo out.png
    head -c 4 out.png >head.txt &
    expect 0 '' reconstruct --spikes "$spikes" --out out.png
    wait
    [ -p out.png ] && grep -q PNG head.txt || fail "a pipe was not written to"
    expect 0 '' reconstruct --spikes "$spikes" --out /dev/null
    [ -c /dev/null ] || fail "a device was replaced"
    ln -s /dev/full full.png
    expect 1 'cannot write full.png: No space left' reconstruct --spikes "$spikes" --out full.png
else
    fail "synth wrote no spikes"
fi
expect 1 'a file of this name is in the way' synth --scenario syn2real --split source --count 1 --out null.safetensors

# --- what was printed must have arrived ---
for arguments in --help --version 'devices' 'train --help' 'train --print-config' 'inspect null.safetensors'; do
    for where in full closed; do
        if [ $where = full ]; then
            output=$("$program" $arguments 2>&1 >/dev/full)
        else
            output=$("$program" $arguments 2>&1 >&-)
        fi
        [ $? -eq 1 ] || fail "'$arguments' with a $where stdout did not end in 1"
        [[ $output = *"cannot write to standard output: "* ]] || fail "'$arguments' with a $where stdout said '$output'"
    done
done

# --- numbers on the command line ---
for size in 250 250x 0x4 -1x4 4x99999999999999999999 4294967297x4 4x4x4 '4x 4' 65537x1; do
    expect 2 '--size must be HEIGHTxWIDTH' inspect "--size=$size" a.dat
done
for count in 99999999999999999999 4294967297 1e3 0x10 ' 1' 1x ''; do
    expect 2 '--count must be a whole number from' synth --scenario syn2real --split source "--count=$count" --out d
done

finish
