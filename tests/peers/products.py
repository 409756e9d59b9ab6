"""compare.py products: square matrix products, against the OpenBLAS that NumPy brings and CLBlast as shipped."""

import json
import os
import sys
import tempfile

from program import bench, output_of
from table import Table

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [512, 1024, 2048]


def openblas(size, threads):
    found = json.loads(output_of([sys.executable, os.path.join(HERE, "sgemm_numpy.py"), str(size)],
                                 OPENBLAS_NUM_THREADS=str(threads)))
    return found["seconds"], f" ({found['blas']})"


def clblast(program, size):
    return float(output_of([program] + 3 * [str(size)])), ""


def compare_products(arguments):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "sgemm_clblast")
        output_of(["cc", "-O2", os.path.join(HERE, "sgemm_clblast.c"), "-o", program, "-lclblast", "-lOpenCL"])
        peers = {"OpenBLAS": lambda size: openblas(size, arguments.threads), "CLBlast": lambda size: clblast(program, size)}
        for peer, measure in peers.items():
            table = Table(peer)
            for size in SIZES:
                case = f"product gemm NN({size}x{size}, {size}x{size})"
                if arguments.only.lower() not in case.lower():
                    continue
                for _ in range(arguments.rounds):
                    ours = bench(arguments, case, "--ops")[0]["seconds"]
                    theirs, note = measure(size)
                    table.add(case, ours, theirs, note=note)
                table.line(case)
