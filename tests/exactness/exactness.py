#!/usr/bin/env python3
"""One update of every stage is PyTorch's:  exactness.py PROGRAM [--write]
Runs each form of forms.py in the program (`train --stop-after 1`) and in PyTorch with float64 (update.py), from the same weights on the same
data, and compares every loss term, every gradient and every weight; then what PyTorch gives with numbers.tsv, which tests/test_exactness.c holds
the program to where there is no PyTorch. --write makes that file anew. Exit status 77 (skipped) where PyTorch is not there.

What float32 allows. Loss terms agree to 1e-4 of themselves. A tensor's gradient, read from Adam's first moments, agrees to a few parts in a thousand
of its norm: float32 rounds sums over up to a million products, and a ReLU, a maximum, a sign or a quantile falls to the other side where
its two sides are nearer than rounding. The weights are worse than the gradients, by Adam's nature: an element's first step is
rate * g / (|g| + 1e-8), of the size of the rate however small g is, so where g is below its rounding noise its sign is anyone's, and the weight may be two rates
off. So weights must agree to a hundredth of a rate where |g| stands clear of the noise, and to two rates (of each update so far) everywhere."""
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
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import made  # noqa: E402
from forms import COMMON, FORMS, RATES, WARM_UP  # noqa: E402
from update import run, shapes  # noqa: E402

NUMBERS = os.path.join(HERE, "numbers.tsv")
TERMS, GRADIENT, MOVED = 1e-4, 1e-2, 1e-2
ELEMENTS = 3


def train(program, form):
    """What the program's update left: terms of the log, tensors of the checkpoint."""
    out = form.name.replace(" ", "-")
    start = {"crossmodality": ["--init", "rgb.safetensors"], "pretrain": ["--init", "rgb.safetensors"]}.get(form.stage, ["--init", "spike.safetensors"])
    sets = [word for setting in COMMON for word in ("--set", setting)]
    done = subprocess.run([program, "train", "--stage", form.stage, "--out", out, "--stop-after", "1", *start, *sets, *form.arguments()],
                          capture_output=True, text=True, check=False)
    if done.returncode or "Stopped after 1 updates" not in done.stdout:
        sys.exit(f"{form.name}: {done.stdout}{done.stderr}")
    folder = os.path.join(out, form.stage)
    with open(os.path.join(folder, "log.csv"), encoding="ascii") as file:
        terms = {name: float(value) for step, name, value in (line.strip().split(",") for line in list(file)[1:]) if step == "1"}
    parts = {}
    for part in ("student", "heads", "teacher", "optimiser", "heads_optimiser"):
        path = os.path.join(folder, f"checkpoint-1.{part}.safetensors")
        parts[part] = made.read_safetensors(path) if os.path.exists(path) else {}
    return terms, parts


def worst(found, name, value):
    found[name] = max(found.get(name, (0, "")), value)


def rate_of(form, part, name):
    if part == "heads":
        return RATES["lr_heads"]
    if not name.startswith("pretrained."):
        return RATES["lr_scratch"]
    return RATES["lr_backbone"] + form.double * RATES["lr_scratch"]


def compare_tensor(form, part, name, expected, moments, weights, errors):
    m, w = expected["moments"][part][name], expected["weights"][part][name]
    norm, rms = np.linalg.norm(m), np.linalg.norm(m) / np.sqrt(m.size)
    updates = 1 if part == "heads" or form.section != "crossdomain" else 1 + WARM_UP
    apart = np.abs(weights - w) / rate_of(form, part, name)
    if norm == 0:
        assert not moments.any() and apart.max() < 1e-2, f"{form.name}, {name}: not used, but it moved"
        return
    clear = np.abs(m) > 0.3 * rms
    worst(errors, "gradient", (np.linalg.norm(moments - m) / norm, name))
    worst(errors, "clear", (apart[clear].max(initial=0), name))
    worst(errors, "any", (apart.max() / updates, name))


def compare(form, expected, terms, parts):
    errors = {}
    for name, value in expected["terms"].items():
        apart = abs(terms[name] - value) / abs(value)
        assert apart < TERMS, f"{form.name}: the term {name} is {terms[name]}, in PyTorch {value}"
        errors["terms"] = max(errors.get("terms", 0), apart)
    for part in expected["moments"]:
        moments = parts["optimiser" if part == "student" else "heads_optimiser"]
        for name in expected["moments"][part]:
            found = {}
            compare_tensor(form, part, name, expected, made.published(moments["m." + name], expected["weights"][part][name].shape), parts[part][name], found)
            for key, value in found.items():
                errors[key] = max(errors.get(key, (0, "")), value)
    for name, w in expected["weights"].get("teacher", {}).items():
        errors["teacher"] = max(errors.get("teacher", (0, "")), (np.abs(parts["teacher"][name] - w).max() / RATES["lr_scratch"], name))
    return errors


program = os.path.realpath(sys.argv[1])
torch.set_num_threads(2)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for domain in ("source", "target"):
        made.write_folder(domain)
    made.write_safetensors("rgb.safetensors", made.network_values(shapes(3)))
    made.write_safetensors("spike.safetensors", made.network_values(shapes(made.FRAMES)))
    for form in FORMS:
        if len(sys.argv) > 2 and sys.argv[2] not in form.name: continue
        expected = run(form)
        terms, parts = train(program, form)
        print(form.name, {k: f"{v:.6g}" for k, v in expected["terms"].items()}, {k: f"{v:.6g}" for k, v in terms.items()}, flush=True)
        print("   ", compare(form, expected, terms, parts), flush=True)
