#!/usr/bin/env bash
# LISTER of vendor_notes/offline.py whose kernels have each fault that it looks for. LIST_KERNELS is the real one.
set -euo pipefail
folder=$1
"$LIST_KERNELS" "$folder"

# Spills, under a name for which that is not borne.
sed -i 's/gemm_tile/gemm_spilling/' "$folder/gemm.cl"
grep -P '^gpu\tgemm.cl\t' "$folder/kernels.txt" | sed 's/gemm_tile/gemm_spilling/' >"$folder/faulty.txt"

cat >"$folder/faulty.cl" <<'END'
__kernel void wide(__global float *x) {
    x[get_global_id(0)] = 1.0f;
}
__kernel void idle(__global float *x) {
    x[get_global_id(0)] = 2.0f;
}
__kernel void greedy(__global float *x) {
    __local float kept[10240];
    int i = (int)get_local_id(0);
    for (int j = i; j < 10240; j += 64)
        kept[j] = x[j];
    barrier(CLK_LOCAL_MEM_FENCE);
    x[i] = kept[10239 - 64 * i];
}
END
printf 'gpu\tfaulty.cl\t-cl-std=CL1.2\t%s\t%s\n' wide 32x16x1 idle - greedy 64x1x1 >>"$folder/faulty.txt"

echo '__kernel void refused(__global float *x) { x[0] = x[0] * 0.1; }' >"$folder/refused.cl"
printf 'gpu\trefused.cl\t-cl-std=CL1.2\trefused\t1x1x1\n' >>"$folder/faulty.txt"
mv "$folder/faulty.txt" "$folder/kernels.txt"
