#!/usr/bin/env python3
"""Which source each output of a nearest resize reads in PyTorch:  nearest.py [--write]
nearest.tsv has a hash of the maps of all sizes up to 1300 for each of some sizes of networks' inputs; tests/test_resize.c compares our maps
with it. This makes it again and compares, or writes it. Exit status 77 (skipped) where PyTorch is not there."""
import os
import sys

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nearest.tsv")
LARGEST = 1300
OUTPUTS = [32, 64, 96, 128, 192, 224, 256, 320, 384, 416, 448, 480, 512, 640]


def map_of(size, out):
    """A map of float32, as the released code's spikes are."""
    column = torch.arange(size, dtype=torch.float32).reshape(1, 1, 1, size)
    return F.interpolate(column, size=(1, out), mode="nearest").numpy().astype("<i4").ravel()


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def table():
    rows = []
    for out in OUTPUTS:
        maps = np.concatenate([map_of(size, out) for size in range(1, LARGEST + 1)])
        rows.append(f"{out}\t{fnv1a(maps.astype('<u2').tobytes()):016x}\n")
    return "".join(rows)


made = table()
if sys.argv[1:] == ["--write"]:
    with open(TABLE, "w", encoding="ascii") as file:
        file.write(made)
with open(TABLE, encoding="ascii") as file:
    assert file.read() == made, f"PyTorch {torch.__version__} resizes otherwise than nearest.tsv says; now it would be\n{made}"
print(f"PyTorch {torch.__version__}: maps of {LARGEST} sizes to each of {len(OUTPUTS)} are as stored")
