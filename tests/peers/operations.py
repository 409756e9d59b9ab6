"""compare.py operations: every operation that PyTorch has, too."""

import torch

from program import bench, names
from table import Table
from timing import median
from torch_operations import MAKERS, candidates, is_known


def compare_operations(arguments):
    torch.set_num_threads(arguments.threads)
    only = arguments.only or "hybrid"
    table = Table("PyTorch")
    cases = dict.fromkeys(name.rsplit(" ", 1)[0] for name in names(arguments, only, "--ops"))
    for case in cases:  # forward and backward together
        if case.split("(")[0].split(" ", 1)[-1] not in MAKERS:
            continue
        done = []
        for _ in range(arguments.rounds):
            for row in bench(arguments, case, "--ops"):
                if not is_known(row) or only.lower() not in row["name"].lower():
                    continue
                theirs = min(median(work) for work in candidates(row))
                table.add(row["name"], row["seconds"], theirs, row.get("uses", 1))
                done.append(row["name"])
        for name in dict.fromkeys(done):
            table.line(name)
    table.sums()
