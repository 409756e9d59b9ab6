#!/usr/bin/env python3
"""The scores of `bicross eval` are what NumPy makes of the maps that `predict` writes:  eval_numpy.py PROGRAM
A network of one update, sparse labels of odd sizes, a crop smaller than the image. Maps as floats give every score to 1e-5; the 16-bit PNGs that eval
itself saves give them as far as a unit of 1/256 m lets them. Exit status 77 (skipped) without NumPy."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

NEAREST, DMAX, UNITS = 1e-3, 80, 256
CROP = (60, 90)
SIZES = [(64, 96), (75, 131), (64, 96)]
NAMES = ["abs_rel", "sq_rel", "rmse", "rmse_log", "delta1", "delta2", "delta3"]
CONFIG = """[data]
kind = folder
test = data
test_count = 0
source_count = 0
target_count = 0
target_crop_height = %d
target_crop_width = %d
""" % CROP
WORLD = ["data.world_height=64", "data.world_width=96", "data.source_crop_height=%d" % CROP[0], "data.source_crop_width=%d" % CROP[1], "model.input_height=32", "model.input_width=64",
         "data.source_count=1", "data.test_count=1", "data.validation_count=0", "neuromorphic.steps=1", "neuromorphic.batch=1", "neuromorphic.schedule=constant"]


def call(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")


def write_png_16(path, values):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts))


def read_png_16(path):
    """Grey of 16 bits with any filters, as the PNG specification has them."""
    with open(path, "rb") as file:
        data = file.read()
    at, parts = 8, {b"IDAT": b""}
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        parts[name] = parts.get(name, b"") + data[at + 8:at + 8 + size]
        at += 12 + size
    width, height, bits, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (bits, kind) == (16, 0), f"{path}: {bits} bits of kind {kind}"
    raw = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, 1 + 2 * width)
    rows = np.zeros((height, 2 * width), np.uint8)
    for y in range(height):
        above = rows[y - 1].astype(int) if y else np.zeros(2 * width, int)
        for i in range(2 * width):
            left, corner = (int(rows[y, i - 2]), int(above[i - 2])) if i > 1 else (0, 0)
            up, filtered = int(above[i]), raw[y, 0]
            by = sorted((abs(up - corner), 0, left) if j == 0 else (abs(left - corner), 1, up) if j == 1 else (abs(left + up - 2 * corner), 2, corner)
                        for j in range(3))[0][2]
            rows[y, i] = (int(raw[y, 1 + i]) + (0, left, up, (left + up) // 2, by)[filtered]) & 255
    return rows.view(">u2").astype(np.uint16)


def scores(depth, label):
    """Of one image, by docs/method.md 2.1 and 5."""
    height, width = label.shape
    garg = np.zeros(label.shape, bool)
    garg[int(0.40810811 * height):int(0.99189189 * height), int(0.03594771 * width):int(0.96405229 * width)] = True
    valid = garg & (label > NEAREST) & (label < DMAX)
    d, y = np.clip(depth.astype(np.float64), NEAREST, DMAX)[valid], label.astype(np.float64)[valid]
    ratio = np.maximum(d / y, y / d)
    return np.array([np.mean(np.abs(d - y) / y), np.mean((d - y) ** 2 / y), np.sqrt(np.mean((d - y) ** 2)), np.sqrt(np.mean(np.log(d / y) ** 2))] +
                    [np.mean(ratio < 1.25 ** k) for k in (1, 2, 3)])


def write_samples(generator):
    for kind in ("spikes", "depth"):
        os.makedirs(f"data/{kind}")
    for i, (height, width) in enumerate(SIZES):
        np.save(f"data/spikes/{i}.npy", (generator.random((128, height, width)) < 0.3).astype(np.uint8))
        metres = generator.uniform(1, 90, (height, width)) * (generator.random((height, width)) < 0.2)
        write_png_16(f"data/depth/{i}.png", np.round(metres * UNITS).astype(np.uint16))


def compare(what, found, wanted, allowed):
    print(f"{what}: " + ", ".join(f"{n} {f:.6g} ({f - w:+.1e})" for n, f, w in zip(NAMES, found, wanted)))
    if not np.all(np.abs(found - wanted) <= allowed):
        sys.exit(f"{what}: expected {dict(zip(NAMES, wanted))} within {allowed}")


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_samples(np.random.default_rng(5))
        with open("eval.ini", "w") as file:
            file.write(CONFIG)
        call(program, "train", "--stage", "neuromorphic", "--out", "run", *[w for s in WORLD for w in ("--set", s)])
        weights = "run/neuromorphic/weights.safetensors"
        call(program, "eval", "--config", "eval.ini", "--weights", weights, "--json", "scores.json", "--save-dir", "saved")
        call(program, "predict", "--weights", weights, "--spikes", "data/spikes", "--depth", "map.npy")
        with open("scores.json") as file:
            found = json.load(file)
        labels = [read_png_16(f"data/depth/{i}.png") / np.float32(UNITS) for i in range(len(SIZES))]
        floats = [np.load(f"map-{i}.npy") for i in range(len(SIZES))]
        pictures = [read_png_16(f"saved/{i}_depth.png") / np.float32(UNITS) for i in range(len(SIZES))]
        assert [m.shape for m in floats] == [m.shape for m in pictures] == SIZES, "maps of other sizes than the labels"
        eval_scores = np.array([found[n] for n in NAMES])
        exact = np.mean([scores(d, y) for d, y in zip(floats, labels)], axis=0)
        compare("eval beside NumPy", eval_scores, exact, 1e-5 * np.maximum(exact, 1))
        # Half a unit moves a depth by 1/512 m: labels are at least 1 m away, predictions too, errors at most 90 m.
        half = 0.5 / UNITS
        allowed = np.array([half, 2 * 90 * half, half, half, 0.02, 0.02, 0.02])
        compare("eval beside its PNGs", eval_scores, np.mean([scores(d, y) for d, y in zip(pictures, labels)], axis=0), allowed)
        assert all(np.max(np.abs(p - f)) <= half * 1.01 for p, f in zip(pictures, floats)), "a PNG is more than half a unit off"


if __name__ == "__main__":
    main()
