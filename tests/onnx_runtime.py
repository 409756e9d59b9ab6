#!/usr/bin/env python3
"""An exported network computes what `bicross predict` does:  onnx_runtime.py PROGRAM
Weights of small networks, all of them moved away from where they start, go to predict, and by way of `bicross export` to ONNX Runtime; both see
the same spikes. Exit status 77 (skipped) without NumPy and ONNX Runtime; onnx checks the files where it is there, too."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

try:
    import numpy as np
    import onnxruntime
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
try:
    import onnx
except ImportError as missing:
    onnx = None
    print(f"not checked by onnx: {missing}")

HEIGHT, WIDTH = 64, 96
ALLOWED = 1e-4  # of each depth, and of the largest uncertainty
NEAREST = 1e-3  # predict clamps to NEAREST..dmax
STEPS = ["steps=1", "batch=1", "schedule=constant"]
WORLD = ["data.world_height=32", "data.world_width=64", "model.input_height=32", "model.input_width=64", "data.source_count=1",
         "data.test_count=1", "data.validation_count=0"]
ROOMS = ["data.scenario=realspike", "model.scene=indoor"]
# Name, stage, settings, dmax.
NETWORKS = [
    ("outdoor", "neuromorphic", [], 80),
    ("indoor", "neuromorphic", ROOMS, 10),
    ("se", "neuromorphic", ["model.front_end=se"], 80),
    ("usenet", "neuromorphic", ["model.front_end=usenet"], 80),
    ("rgb", "pretrain", [], 80),
]


def call(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


def move(path, generator):
    """Every number of a safetensors file away from ones and zeros; variances stay positive. Attention prefers some tokens only where its
    scores are large."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    start = 8 + struct.unpack("<Q", data[:8])[0]
    for name, tensor in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        first, end = tensor["data_offsets"]
        values = np.frombuffer(data, "<f4", (end - first) // 4, start + first)
        values = values * generator.uniform(0.7, 1.3, values.shape) * (4 if ".attn.qkv." in name else 1)
        if not name.endswith("running_var"):
            values += generator.uniform(-0.05, 0.05, values.shape)
        data[start + first : start + end] = values.astype("<f4").tobytes()
    with open(path, "wb") as file:
        file.write(data)


def weights_of(program, name, stage, settings, generator):
    options = [f"{stage}.{step}" for step in STEPS] + WORLD + settings
    call(program, "train", "--stage", stage, "--out", name, *(word for o in options for word in ("--set", o)))
    path = f"{name}/{stage}/weights.safetensors"
    move(path, generator)
    return path


def draw_input(stage, generator):
    """A file for predict, its option, and the same for the network."""
    if stage == "pretrain":
        picture = generator.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        write_png("in.png", picture)
        return ["--rgb", "in.png"], {"image": picture.transpose(2, 0, 1)[np.newaxis].astype(np.float32) / 127.5 - 1}
    rate = np.linspace(0.05, 0.45, WIDTH)
    spikes = (generator.random((128, HEIGHT, WIDTH)) < rate).astype(np.uint8)
    np.save("in.npy", spikes)
    return ["--spikes", "in.npy", "--axes", "thw"], {"spikes": 2 * spikes[np.newaxis].astype(np.float32) - 1}


def write_png(path, picture):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *picture.shape[1::-1], 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def run_onnx(path, inputs):
    """Of a batch of two whose second image is the first, mirrored; the first one's maps."""
    if onnx:
        onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    depth, uncertainty = session.run(["depth", "uncertainty"],
                                     {name: np.concatenate([x, x[..., ::-1]]) for name, x in inputs.items()})
    assert depth.shape == uncertainty.shape == (2, HEIGHT, WIDTH), depth.shape
    return depth[0], uncertainty[0]


def compare(program, name, stage, settings, dmax):
    generator = np.random.default_rng(1)
    size = ["--input", f"{HEIGHT}x{WIDTH}"]
    weights = weights_of(program, name, stage, settings, generator)
    options, inputs = draw_input(stage, generator)
    print(call(program, "export", "--weights", weights, *size, "--onnx", "network.onnx").strip())
    call(program, "predict", "--weights", weights, *size, *options, "--whole-image", "--depth", "depth.npy",
         "--uncertainty", "uncertainty.npy")
    depth, uncertainty = run_onnx("network.onnx", inputs)
    wanted, wanted_uncertainty = np.load("depth.npy"), np.load("uncertainty.npy")
    off = np.abs(np.clip(depth, NEAREST, dmax) / wanted - 1).max()
    off_uncertainty = np.abs(uncertainty - wanted_uncertainty).max() / np.abs(wanted_uncertainty).max()
    print(f"{name}: depth {wanted.min():.2f} to {wanted.max():.2f} m, off by {off:.1e} of it; "
          f"uncertainty by {off_uncertainty:.1e} of the largest")
    return off <= ALLOWED and off_uncertainty <= ALLOWED and np.ptp(wanted) > 0.01 * wanted.mean()


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        good = [compare(program, *network) for network in NETWORKS]
        os.chdir(os.path.dirname(folder))
    if not all(good):
        sys.exit(f"some are off by more than {ALLOWED:.0e}, or have hardly any depth")


if __name__ == "__main__":
    main()
