"""Data and weights that follow from names, so that tests/test_exactness.c has the same without a file; and the files of them."""

import json
import os
import struct
import sys
import zlib

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from weights import golden_value, hashed  # noqa: E402

HEIGHT, WIDTH, SAMPLES, FRAMES = 70, 130, 4, 128  # of the samples: in no simple ratio to the network's input
BLOCK = 16  # rows and columns of equal light
UNIT = np.float32(0.00006016 / 0.06016)  # what `tiny` measures depth in, against hybrid


def per_block(name, channels):
    """(HEIGHT, WIDTH, channels): the same within a block."""
    rows, columns = -(-HEIGHT // BLOCK), -(-WIDTH // BLOCK)
    blocks = hashed(name, rows * columns * channels).reshape(rows, columns, channels)
    return blocks.repeat(BLOCK, 0).repeat(BLOCK, 1)[:HEIGHT, :WIDTH]


def spikes(name):
    """(FRAMES, HEIGHT, WIDTH) of 0 and 1; a pixel fires in a half, a quarter or an eighth of the frames."""
    draws = [hashed(f"{name}/{part}", 2 * HEIGHT * WIDTH).reshape(HEIGHT, WIDTH, 2) for part in "abc"]
    level = per_block(name + "/level", 1) % np.uint64(3)
    words = draws[0] & np.where(level >= 1, draws[1], ~np.uint64(0)) & np.where(level >= 2, draws[2], ~np.uint64(0))
    bits = np.unpackbits(words.astype("<u8").view(np.uint8).reshape(HEIGHT, WIDTH, 16), axis=2, bitorder="little")
    return bits.transpose(2, 0, 1)


def picture(name):
    """(HEIGHT, WIDTH, 3) bytes."""
    base = per_block(name + "/colour", 3) & np.uint64(255)
    noise = hashed(name + "/grain", HEIGHT * WIDTH * 3).reshape(HEIGHT, WIDTH, 3) & np.uint64(255)
    return ((np.uint64(3) * base + noise) // np.uint64(4)).astype(np.uint8)


def depth(name):
    """(HEIGHT, WIDTH) metres: 2 to 45, an eighth without a label, an eighth beyond dmax."""
    base = (per_block(name + "/depth", 1)[:, :, 0] & np.uint64(1023)).astype(np.float32)
    draw = hashed(name + "/relief", HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    metres = np.float32(2) + base / np.float32(32) + (draw >> np.uint64(54)).astype(np.float32) / np.float32(128)
    kind = draw & np.uint64(7)
    return np.where(kind == 0, np.float32(0), np.where(kind == 1, metres * np.float32(100), metres))


def names(domain):
    return [f"{domain}/{i:06d}" for i in range(SAMPLES)]


def network_values(shapes):
    """Of every parameter by its name."""
    with np.errstate(over="ignore"):
        return {name: golden_value(name, shape, UNIT).astype(np.float32) for name, shape in shapes.items()}


# --- what the program draws ---

def philox(seed, stream, counters):
    """Philox4x32-10 at (counter, 0, 0, 0): four words each."""
    def constant(value):
        return np.uint64(value)
    low, mask = [counters.astype(np.uint64)] + [np.zeros(len(counters), np.uint64)] * 3, constant(0xFFFFFFFF)
    key = [seed, stream]
    for _ in range(10):
        p, q = low[0] * constant(0xD2511F53), low[2] * constant(0xCD9E8D57)
        low = [(q >> constant(32)) ^ low[1] ^ constant(key[0]), q & mask, (p >> constant(32)) ^ low[3] ^ constant(key[1]), p & mask]
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    return low


def published(values, shape):
    """Of a tensor in the order of the device, which has outputs last."""
    if len(shape) == 4:  # (kh, kw, in, out) there
        o, i, h, w = shape
        return values.reshape(h, w, i, o).transpose(3, 2, 0, 1)
    return values.reshape(shape[::-1]).T if len(shape) == 2 else values.reshape(shape)


def of_device(values):
    """The other way, flat."""
    if values.ndim == 4:
        return values.transpose(2, 3, 1, 0).ravel()
    return values.T.ravel() if values.ndim == 2 else values.ravel()


def drawn(name, shape, bound, seed=0):
    """Uniform in (-bound, bound), as cl_kernels/init.cl draws it, in the order of the device."""
    count, key = int(np.prod(shape)), 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) % 2**64
    items = -(-count // 32)
    words = philox(seed, (key ^ key >> 32) % 2**32, np.arange(8 * items, dtype=np.uint64))
    bits = np.stack([w.reshape(items, 8) for w in words], 1).ravel()[:count]
    one = np.float32(1)
    u = ((bits >> np.uint64(8)).astype(np.float32) + np.float32(0.5)) * (one / np.float32(8388608)) - one
    return published(np.float32(bound) * u, shape)


# --- files ---

def write_png(path, pixels):
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_pfm(path, metres):
    with open(path, "wb") as file:
        file.write(b"Pf\n%d %d\n-1\n" % metres.shape[::-1] + metres[::-1].astype("<f4").tobytes())


def write_folder(domain):
    for kind in ("rgb", "spikes", "depth"):
        os.makedirs(os.path.join(domain, kind))
    for name in names(domain):
        stem = os.path.basename(name)
        write_png(f"{domain}/rgb/{stem}.png", picture(name))
        write_pfm(f"{domain}/depth/{stem}.pfm", depth(name))
        np.save(f"{domain}/spikes/{stem}.npy", spikes(name))


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(np.ascontiguousarray(values, "<f4").tobytes())


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], "<f4" if e["dtype"] == "F32" else np.uint8).reshape(
        e["shape"] if e["dtype"] == "F32" else -1) for name, e in header.items()}
