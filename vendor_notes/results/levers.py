#!/usr/bin/env python3
"""What each setting of the second phase is worth, on the scenario `night`, which no table of results reports.

    vendor_notes/results/levers.py run BICROSS FOLDER SEED   trains phase 1 once, then phase 2 for every lever, and
                                                             writes vendor_notes/results/levers-SEED.json
What is there already is not trained again, so that a run that was stopped goes on. Settings are apps/configs/night.ini but
for the keys below. One process, as many threads as POCL_MAX_PTHREAD_COUNT says; about an hour and a half a seed on one core.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent.parent / "apps" / "configs" / "night.ini"

PHASE_2 = "crossdomain"
# Name in the table, what starts it, keys.
LEVERS = [
    ("MonoCross", None, []),
    ("Control", "monocross", ["crossdomain.scp=false", "crossdomain.sca=false"]),
    ("BiCross", "monocross", []),
    ("teacher faster", "monocross", ["crossdomain.alpha=0.98"]),
    ("teacher slower", "monocross", ["crossdomain.alpha=0.999"]),
    ("horizon of half the run", "monocross", ["crossdomain.horizon=0.5"]),
    ("without SCP", "monocross", ["crossdomain.scp=false"]),
    ("without SCA", "monocross", ["crossdomain.sca=false"]),
    ("SCA times ten", "monocross", ["crossdomain.beta=0.1"]),
    ("SCP without the mean", "monocross", ["crossdomain.scp_mean=0"]),
    ("SCP soft, times three", "monocross", ["crossdomain.scp_softness=0.1", "crossdomain.scp_weight=3"]),
    ("SCP rising over a third", "monocross", ["crossdomain.scp_ramp=0.3"]),
    ("labels kept by depth", "monocross", ["crossdomain.scp_keep=by_depth"]),
    ("labels of two views", "monocross", ["crossdomain.scp_views=2"]),
    ("strong view", "monocross", ["crossdomain.strong_view=true"]),
    ("Control, calibrated", "monocross", ["crossdomain.scp=false", "crossdomain.sca=false", "crossdomain.calibrate=true"]),
    ("calibrated (BiCross+)", "monocross", ["run.method=bicross+"]),
]


def train(bicross, folder, seed, name, stage, start, keys):
    out = folder / name
    command = [bicross, "train", "--config", str(CONFIG), "--stage", stage, "--seed", str(seed), "--out", str(out), "--resume"]
    if start:
        command += ["--init", str(start)]
    for key in keys:
        command += ["--set", key]
    subprocess.run(command, check=True)
    return out / stage / "weights.safetensors"


def score(bicross, folder, seed, name, weights):
    path = folder / (name + ".json")
    if not path.exists():
        subprocess.run([bicross, "eval", "--config", str(CONFIG), "--seed", str(seed), "--weights", str(weights), "--json", str(path)], check=True)
    return json.loads(path.read_text())


def run(bicross, folder, seed):
    folder = pathlib.Path(folder) / f"seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    rgb = train(bicross, folder, seed, "rgb", "pretrain", None, [])
    monocross = train(bicross, folder, seed, "monocross", "crossmodality", rgb, [])
    levers = {}
    for number, (name, start, keys) in enumerate(LEVERS):
        short = f"lever-{number}"
        weights = train(bicross, folder, seed, short, PHASE_2, monocross, keys) if start else monocross
        levers[name] = {"settings": keys, "scores": score(bicross, folder, seed, short, weights)}
        (HERE / f"levers-{seed}.json").write_text(json.dumps({"seed": seed, "levers": levers}, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] != "run":
        sys.exit(__doc__)
    run(sys.argv[2], sys.argv[3], int(sys.argv[4]))
