#!/usr/bin/env python3
"""Runs the same work in bicross and in its peers, turn by turn, and prints bicross' time over the peer's: below 1,
bicross is faster. See README.md beside this file."""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NETWORK_CASES = [("tiny", 8, 64, 128), ("hybrid", 1, 384, 384)]
PRODUCT_SIZES = [512, 1024, 2048]


def bicross(arguments, only, part):
    """The rows that one run of `bicross bench` measures."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.json")
        command = [arguments.program, "bench", part, "--only", only, "--json", path]
        for setting in arguments.set:
            command += ["--set", setting]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
        with open(path, encoding="utf-8") as file:
            return json.load(file)["results"]


def names(arguments, only, part):
    command = [arguments.program, "bench", part, "--list", "--only", only]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


class Table:
    """One line a case; a case has pairs of (ours, peer's) seconds, one a round."""

    def __init__(self, peer):
        self.pairs, self.uses, self.notes = {}, {}, {}
        print(f"\n{'bicross ms':>12} {peer + ' ms':>14} {'ratio':>7} {'range':>13}  case")

    def add(self, name, ours, theirs, uses=1, note=""):
        self.pairs.setdefault(name, []).append((ours, theirs))
        self.uses[name], self.notes[name] = uses, note

    def line(self, name):
        pairs = self.pairs[name]
        ratios = sorted(a / b for a, b in pairs)
        ours, theirs = (statistics.median(p[i] for p in pairs) for i in range(2))
        print(f"{1e3 * ours:12.3f} {1e3 * theirs:14.3f} {statistics.median(ratios):7.2f} "
              f"{ratios[0]:6.2f}-{ratios[-1]:<6.2f}  {name}{self.notes[name]}", flush=True)

    def sums(self):
        """What the measured operations come to in one pass of their network."""
        totals = {}
        for name, pairs in self.pairs.items():
            key = f"all measured of {name.split()[0]}, {name.split()[-1]}, as often as the network has them"
            total = totals.setdefault(key, [0.0, 0.0])
            for i in range(2):
                total[i] += self.uses[name] * statistics.median(p[i] for p in pairs)
        for key, (ours, theirs) in totals.items():
            print(f"{1e3 * ours:12.3f} {1e3 * theirs:14.3f} {ours / theirs:7.2f} {'':13}  {key}")


def compare_operations(arguments):
    import torch

    from operations import MAKERS, candidates, is_known
    from timing import median

    torch.set_num_threads(arguments.threads)
    table = Table("PyTorch")
    cases = dict.fromkeys(name.rsplit(" ", 1)[0] for name in names(arguments, arguments.only, "--ops"))
    for case in cases:  # forward and backward together
        if case.split("(")[0].split(" ", 1)[-1] not in MAKERS:
            continue
        done = []
        for _ in range(arguments.rounds):
            for row in bicross(arguments, case, "--ops"):
                if not is_known(row) or arguments.only.lower() not in row["name"].lower():
                    continue
                theirs = min(median(work) for work in candidates(row))
                table.add(row["name"], row["seconds"], theirs, row.get("uses", 1))
                done.append(row["name"])
        for name in dict.fromkeys(done):
            table.line(name)
    table.sums()


def compare_networks(arguments):
    table = Table("PyTorch")
    for model, batch, height, width in NETWORK_CASES:
        for mode in ("inference", "training"):
            case = f"network {model} {height}x{width} batch {batch} {mode}"
            if arguments.only.lower() not in case.lower():
                continue
            for _ in range(arguments.rounds):
                rows = bicross(arguments, case, "--networks")
                best = min((run_torch(arguments, model, mode, batch, height, width, layout)
                            for layout in ("contiguous", "channels_last")), key=lambda found: found["seconds"])
                gib = [r["process_bytes"] / 2**30 for r in (rows[0], best)]
                table.add(case, rows[0]["seconds"], best["seconds"],
                          note=f" ({gib[0]:.2f} GiB, PyTorch {gib[1]:.2f} GiB)")
            table.line(case)


def run_torch(arguments, model, mode, batch, height, width, layout):
    command = [sys.executable, os.path.join(HERE, "network_torch.py"), model, mode, str(batch), str(height), str(width),
               layout, str(arguments.threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def openblas(size, threads):
    """cblas_sgemm of the system's OpenBLAS, without going through an alternative BLAS."""
    import numpy as np

    from timing import median

    library = ctypes.CDLL("libopenblas.so.0")
    library.openblas_set_num_threads(threads)
    a, b, c = (np.ones((size, size), dtype=np.float32) for _ in range(3))
    pointers = [x.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for x in (a, b, c)]
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    row_major, plain = 101, 111
    return median(lambda: library.cblas_sgemm(row_major, plain, plain, size, size, size, one, pointers[0], size,
                                              pointers[1], size, zero, pointers[2], size))


def clblast(program, size):
    done = subprocess.run([program] + 3 * [str(size)], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def compare_products(arguments):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "sgemm_clblast")
        subprocess.run(["cc", "-O2", os.path.join(HERE, "sgemm_clblast.c"), "-o", program, "-lclblast", "-lOpenCL"],
                       check=True)
        peers = {"OpenBLAS": lambda size: openblas(size, arguments.threads), "CLBlast": lambda size: clblast(program, size)}
        for peer, measure in peers.items():
            table = Table(peer)
            for size in PRODUCT_SIZES:
                case = f"product gemm NN({size}x{size}, {size}x{size})"
                if arguments.only and arguments.only.lower() not in case.lower():
                    continue
                for _ in range(arguments.rounds):
                    table.add(case, bicross(arguments, case, "--ops")[0]["seconds"], measure(size))
                table.line(case)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["operations", "networks", "products"])
    parser.add_argument("--program", default=os.path.join(HERE, "..", "..", "build", "bicross"))
    parser.add_argument("--only", default=None, help="cases with this in their name (operations: 'hybrid')")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each side gets (3)")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch and OpenBLAS (2)")
    parser.add_argument("--set", action="append", default=[], help="SECTION.KEY=VALUE for bicross bench")
    arguments = parser.parse_args()
    arguments.only = arguments.only or ("hybrid" if arguments.what == "operations" else "")
    {"operations": compare_operations, "networks": compare_networks, "products": compare_products}[arguments.what](arguments)


if __name__ == "__main__":
    main()
