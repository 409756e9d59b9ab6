#!/usr/bin/env python3
"""Prints vendor_notes/results.md from what was measured:

    vendor_notes/results/print.py > vendor_notes/results.md
    vendor_notes/results/print.py --readme                           the rows of the README's table
    vendor_notes/results/print.py --check vendor_notes/results.md README.md    whether these are what it prints

demo-*.json are results.json of `bicross demo`, one or more files a scenario and protocol, with seeds that do not repeat;
levers-*.json are written by levers.py.
"""
import json
import math
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
ARMS = ["Pre_src", "Pre_src, longer", "MonoCross", "Control", "BiCross", "Control+", "BiCross+", "Supervised"]
SCENARIOS = {
    "syn2real": "Source: clean streets. Target: other textures, optics and the noise of a real sensor.",
    "weather": "Source: cloudy streets. Target: fog and rain.",
    "scene": "Source: streets. Target: highways, another camera.",
    "realspike": "Source: rooms. Target: dim rooms with the full noise of a real spike sensor.",
}
METRICS = [("AbsRel", "abs_rel"), ("SqRel", "sq_rel"), ("RMSE", "rmse"), ("RMSElog", "rmse_log"), ("d1", "delta1"), ("d2", "delta2"), ("d3", "delta3")]
HEAD = """# What the demo measured

Printed by `vendor_notes/results/print.py` from the files beside it; every file says the command, version and device that it came from.
All on the built-in world with settings of `apps/configs/SCENARIO.ini`; what `bicross+` adds was chosen on the scenario `night` and on seeds
from 100 on, which are in no table but the last. Target labels of the four scenarios were read for scoring alone, after all training. Scores by
the published protocol: Garg crop, 100 test images a seed.

All arms have the same augmentation of spikes. *Generic* is what anyone would do (flip, gain, contrast). *Sensor* (flip, thinning, dark spikes,
fixed pattern) knows the target's kind of noise, and gives the arms without a target what only adaptation should know. Pre_src and the RGB
network start from chance, where the paper's start from ImageNet; Supervised starts from MonoCross, with as many updates as phase 2.
"""


def load(pattern):
    return [(path.name, json.loads(path.read_text())) for path in sorted(HERE.glob(pattern))]


def value(scores, metric):
    for part in metric.split("."):
        scores = scores[part]
    return scores


class Arms:
    """All seeds of one scenario and protocol."""

    def __init__(self, files):
        self.seeds = {}
        self.about = []
        for name, content in files:
            self.about.append((name, content))
            for seed in content["seeds"]:
                assert seed["seed"] not in self.seeds, f"{name}: seed {seed['seed']} is in another file too"
                self.seeds[seed["seed"]] = seed["arms"]

    def of(self, arm, metric, domain="target"):
        return [value(self.seeds[s][arm][domain], metric) for s in sorted(self.seeds)]

    def mean(self, arm, metric="abs_rel", domain="target"):
        return statistics.mean(self.of(arm, metric, domain))

    def difference(self, arm, other):
        pairs = [a - b for a, b in zip(self.of(arm, "abs_rel"), self.of(other, "abs_rel"))]
        error = statistics.stdev(pairs) / math.sqrt(len(pairs)) if len(pairs) > 1 else float("nan")
        return statistics.mean(pairs), error


def cell(values, digits):
    text = f"{statistics.mean(values):.{digits}f}"
    return text + (f" ±{statistics.stdev(values):.{digits}f}" if len(values) > 1 else "")


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def arms_table(arms):
    columns = METRICS + [("objects", "objects.abs_rel"), ("far", "far.abs_rel"), ("sparsification", "uncertainty.sparsification_error"), ("calibration", "uncertainty.calibration_error")]
    rows = [[arm] + [cell(arms.of(arm, key), 2 if key in ("rmse", "sq_rel") else 3) for _, key in columns] + [cell(arms.of(arm, "abs_rel", "source"), 3)] for arm in ARMS]
    return table(["target"] + [name for name, _ in columns] + ["AbsRel on source"], rows)


def verdict(arms):
    base, best = arms.mean("Pre_src"), arms.mean("Supervised")
    lines = [f"- The gap between Pre_src and Supervised is {100 * (base - best) / base:.0f} % of Pre_src (aim: 40)."]
    for arm in ("BiCross", "BiCross+"):
        d, error = arms.difference(arm, "Control")
        below = 100 * (base - arms.mean(arm)) / base
        known = f"standard error {error:.4f}, {abs(d) / error:.1f} of them" if error > 0 else "one seed"
        lines.append(f"- {arm} is {below:.0f} % below Pre_src (aim: 25) and {abs(d):.4f} {'below' if d < 0 else '**above**'} the control ({known}; aim: two standard errors below).")
    return "\n".join(lines) + "\n"


def section(scenario, protocol):
    arms = Arms(load(f"demo-{protocol}-{scenario}-*.json"))
    seeds = sorted(arms.seeds)
    about = "\n".join(f"- `{name}`: `{c['command']}`, version {c['version']}, {c['device']}" for name, c in arms.about)
    return f"## {scenario}, {protocol}: {'seeds' if len(seeds) > 1 else 'seed'} {', '.join(map(str, seeds))}\n\n{SCENARIOS[scenario]}\n\n{arms_table(arms)}\n{verdict(arms)}{about}\n"


def levers():
    files = load("levers-*.json")
    seeds = [content["seed"] for _, content in files]
    names = list(files[0][1]["levers"])
    rows = []
    for name in names:
        runs = [content["levers"].get(name) for _, content in files]
        if not all(runs):
            continue
        scores = [r["scores"] for r in runs]
        rows.append([name, "`" + " ".join(runs[0]["settings"]) + "`" if runs[0]["settings"] else ""] + [f"{s['abs_rel']:.4f}" for s in scores] + [cell([value(s, k) for s in scores], d) for k, d in (("abs_rel", 4), ("rmse", 2), ("delta1", 3), ("objects.abs_rel", 3), ("far.abs_rel", 3), ("uncertainty.sparsification_error", 3))])
    head = ["", "keys"] + [f"seed {s}" for s in seeds] + ["AbsRel", "RMSE", "d1", "objects", "far", "sparsification"]
    return ("## Levers, night\n\nOne RGB network and one MonoCross a seed, then a stage with one change at a time: `vendor_notes/results/levers.py run build/bicross FOLDER SEED`. What `bicross+` is was chosen here.\n\n" + table(head, rows))


def page():
    parts, missing = [HEAD], []
    for protocol in ("generic", "sensor"):
        for scenario in SCENARIOS:
            if load(f"demo-{protocol}-{scenario}-*.json"):
                parts.append(section(scenario, protocol))
            else:
                missing.append(f"{scenario} ({protocol})")
    if load("levers-*.json"):
        parts.append(levers())
    else:
        missing.append("the levers by their script")
    if missing:
        parts.append(f"## Not run yet\n\n{', '.join(missing)}.\n")
    notes = HERE / "notes.md"
    if notes.exists():
        parts.append(notes.read_text())
    return "\n".join(parts).rstrip() + "\n"


def readme_rows():
    """What the demo printed of its default: syn2real, seed 0."""
    arms = Arms([f for f in load("demo-generic-syn2real-*.json") if [s["seed"] for s in f[1]["seeds"]] == [0]])
    return ["%-15s" % arm + "".join(" %8.3f" % arms.mean(arm, metric) for _, metric in METRICS) for arm in ARMS]


def check(results, readme):
    if pathlib.Path(results).read_text() != page():
        sys.exit(f"{results} is not what {sys.argv[0]} prints from the files beside it")
    text = pathlib.Path(readme).read_text()
    for row in readme_rows():
        if row not in text:
            sys.exit(f"{readme} has no row '{row}'")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--check":
        check(*sys.argv[2:])
    elif sys.argv[1:] == ["--readme"]:
        print("\n".join(readme_rows()))
    else:
        sys.stdout.write(page())
