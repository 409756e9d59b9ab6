"""compare.py networks: inference and training step of whole networks, against what one would install today."""

import dataclasses
import importlib.metadata
import json
import os
import sys
import tempfile

import numpy as np

from program import bench, output_of
from table import Table

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass(frozen=True)
class Case:
    model: str
    batch: int
    height: int
    width: int

    def name(self, mode):
        """As in bicross bench."""
        return f"network {self.model} {self.height}x{self.width} batch {self.batch} {mode}"


@dataclasses.dataclass(frozen=True)
class Peer:
    title: str
    library: str  # as its package is called
    precision: str = "f32"
    modes: tuple = ("inference",)
    ways: tuple = ("",)  # the fastest counts


CASES = [Case("tiny", 8, 64, 128), Case("hybrid", 1, 384, 384)]
TORCH = dict(library="torch", modes=("inference", "training"), ways=("contiguous", "channels_last"))
PEERS = {
    "torch": Peer("PyTorch", **TORCH),
    "onnxruntime": Peer("ONNX Runtime", "onnxruntime"),
    "openvino": Peer("OpenVINO", "openvino"),
    "torch-bf16": Peer("PyTorch bf16", precision="bf16", **TORCH),
    "openvino-bf16": Peer("OpenVINO bf16", "openvino", "bf16"),
}


def has_bf16():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    return "avx512_bf16" in flags or "amx_bf16" in flags


def wanted_peers(arguments, precisions=("f32", "bf16")):
    """With their versions printed."""
    peers = [PEERS[name] for name in arguments.peers or PEERS]
    peers = [peer for peer in peers if peer.precision in precisions]
    if not has_bf16() and any(peer.precision == "bf16" for peer in peers):
        print("this processor has no instructions for bf16, which is left out")
        peers = [peer for peer in peers if peer.precision != "bf16"]
    libraries = dict.fromkeys(peer.library for peer in peers)
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries))
    if arguments.compile:
        peers = [dataclasses.replace(peer, ways=peer.ways + ("compiled",)) if peer.library == "torch" else peer
                 for peer in peers]
    return peers


def prepare(arguments, case, parent):
    """The folder with what all sides read."""
    folder = os.path.join(parent, case.model)
    os.mkdir(folder)
    sizes = [str(size) for size in (case.batch, case.height, case.width)]
    output_of([sys.executable, os.path.join(HERE, "prepare.py"), case.model, *sizes, arguments.heads, folder])
    return folder


def run_peer(arguments, peer, case, mode, folder, *options):
    """What network.py finds, and its maps."""
    found = output_of([sys.executable, os.path.join(HERE, "network.py"), peer.library, case.model, mode, folder, "--heads",
                       arguments.heads, "--precision", peer.precision, "--threads", str(arguments.threads), *options])
    with np.load(os.path.join(folder, "maps.npz")) as maps:
        return dict(json.loads(found), maps=[maps[key] for key in maps.files])


def difference(maps, expected):
    """The largest difference of each map, relative to the largest value that is expected."""
    return [float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(maps, expected)]


def compare_case(arguments, table, peer, case, mode, folder):
    name, rounded = case.name(mode), ""
    for _ in range(arguments.rounds):
        ours = bench(arguments, name, "--networks")[0]
        best = min((run_peer(arguments, peer, case, mode, folder, "--time", "--way", way) for way in peer.ways),
                   key=lambda found: found["seconds"])
        if peer.precision == "bf16" and not rounded:
            exact = run_peer(arguments, dataclasses.replace(peer, precision="f32"), case, mode, folder)
            rounded = ", off float32 by " + ", ".join(f"{d:.1e}" for d in difference(best["maps"], exact["maps"]))
        gib = [row["process_bytes"] / 2**30 for row in (ours, best)]
        table.add(name, ours["seconds"], best["seconds"],
                  note=f" ({gib[0]:.2f} GiB, {peer.title} {gib[1]:.2f} GiB{rounded})")
    table.line(name)


def compare_networks(arguments):
    wanted = [(case, mode) for case in CASES for mode in ("inference", "training")
              if arguments.only.lower() in case.name(mode).lower()]
    peers = wanted_peers(arguments)
    with tempfile.TemporaryDirectory() as parent:
        folders = {case: prepare(arguments, case, parent) for case in dict.fromkeys(case for case, _ in wanted)}
        for peer in peers:
            table = Table(peer.title)
            for case, mode in wanted:
                if mode in peer.modes:
                    compare_case(arguments, table, peer, case, mode, folders[case])
