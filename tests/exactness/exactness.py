#!/usr/bin/env python3
"""One update of every stage is PyTorch's:  exactness.py PROGRAM [--write]
Runs each form of forms.py in the program (`train --stop-after 1`) and in PyTorch with float64 (update.py), from the same weights on the same
data, and compares every loss term, every gradient and every weight; then what PyTorch gives with numbers.tsv, by which tests/test_exactness.c
judges the program where there is no PyTorch. --write makes that file anew. Exit status 77 (skipped) where PyTorch is not there; README.md says
what float32 allows."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import made  # noqa: E402
from forms import ALPHA, FOLDERS, FORMS  # noqa: E402
from numbers_file import check_numbers, rows_of, write_numbers  # noqa: E402
from tolerances import CLEAR, GRADIENT, MOVED, TERMS, moment_allowed, term_allowed  # noqa: E402
from update import rates_of, run, shapes  # noqa: E402


def train(program, form):
    """What the program's update left: terms of the log, tensors of the checkpoint by part."""
    out, start = form.name.replace(" ", "-"), "rgb" if form.stage in ("pretrain", "crossmodality") else "spike"
    sets = [word for setting in FOLDERS + form.all_settings() for word in ("--set", setting)]
    done = subprocess.run([program, "train", "--stage", form.stage, "--out", out, "--stop-after", "1", "--init", start + ".safetensors", *sets],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Stopped after 1 updates" in done.stdout, f"{form.name}: {done.stdout}{done.stderr}"
    folder, parts = os.path.join(out, form.stage), {}
    with open(os.path.join(folder, "log.csv"), encoding="ascii") as file:
        rows = [line.strip().split(",") for line in file]
    for part in ("student", "heads", "teacher", "optimiser", "heads-optimiser"):
        path = os.path.join(folder, f"checkpoint-1.{part}.safetensors")
        parts[part] = made.read_safetensors(path) if os.path.exists(path) else {}
    return {name: float(value) for step, name, value in rows if step == "1"}, parts


class Worst:
    """The largest of each kind of error, which may not be larger than is allowed."""

    def __init__(self, form):
        self.form, self.found = form, {}

    def add(self, kind, name, error, allowed):
        assert error <= allowed, f"{self.form.name}, {name}: {kind} is off by {error:.2g}, allowed are {allowed:.2g}"
        self.found[kind] = max(self.found.get(kind, 0), error)

    def text(self):
        return ", ".join(f"{kind} {error:.1e}" for kind, error in self.found.items())


def compare_tensor(form, expected, part, name, moments, weights, worst):
    m, w, before = (expected[key][part][name] for key in ("moments", "weights", "before"))
    norm, allowed = np.linalg.norm(m), moment_allowed(expected, part, name)
    if norm == 0:
        worst.add("unused", name, max(np.abs(moments).max(), np.abs(weights - before.astype(np.float32)).max()), 0)
        return
    worst.add("gradient", name, GRADIENT * np.linalg.norm(moments - m) / allowed, GRADIENT)
    if allowed > GRADIENT * norm:
        return  # rounding noise alone, where nothing can be said of a weight
    if form.warm_up:
        moved = np.linalg.norm(w - before) + 1e-5 * np.linalg.norm(w)
        worst.add("moved", name, np.linalg.norm(weights - w) / moved, MOVED)
        return
    apart = np.abs(weights - w) / sum(rates_of(form, name))
    worst.add("moved, in rates", name, apart[np.abs(m) > CLEAR * norm / np.sqrt(m.size)].max(initial=0), MOVED)
    worst.add("anywhere", name, apart.max(), 2.01)


def compare(form, expected, terms, parts):
    worst = Worst(form)
    for name, value in expected["terms"].items():
        worst.add("terms", name, TERMS * abs(terms[name] - value) / term_allowed(value), TERMS)
    for part in expected["moments"]:
        optimiser = parts["optimiser" if part == "student" else "heads-optimiser"]
        for name, w in expected["weights"][part].items():
            moments = optimiser[("momentum." if form.warm_up else "m.") + name]
            compare_tensor(form, expected, part, name, made.published(moments, w.shape), parts[part][name], worst)
    for name, w in expected["weights"].get("teacher", {}).items():
        allowed = (1 - ALPHA) * 2.01 * sum(rates_of(form, name)) + 1e-5 * np.abs(w).max()
        worst.add("teacher", name, np.abs(parts["teacher"][name] - w).max(), allowed)
    print(f"{form.name}: {worst.text()}", flush=True)


def main(program, write):
    rows = []
    for domain in ("source", "target"):
        made.write_folder(domain)
    made.write_safetensors("rgb.safetensors", made.network_values(shapes(3)))
    made.write_safetensors("spike.safetensors", made.network_values(shapes(made.FRAMES)))
    for form in FORMS:
        expected = run(form)
        compare(form, expected, *train(program, form))
        rows += rows_of(form, expected)
    if write:
        write_numbers(rows)
    check_numbers(rows)
    print(f"PyTorch {torch.__version__}: {len(FORMS)} updates are as in the program, and as stored")


path = os.path.realpath(sys.argv[1])
with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    main(path, sys.argv[2:] == ["--write"])
    os.chdir("/")
