#!/usr/bin/env python3
"""What settings of both phases are worth, on the scenario `night`, which no table of results reports.

    vendor_notes/results/levers.py run BICROSS FOLDER SEED   trains the RGB network once, then a stage for every lever, and
                                                             writes vendor_notes/results/levers-SEED.json
What that file holds already is not trained again, so that a run that was stopped goes on (without FOLDER the RGB network and
MonoCross are: all others start from them). Settings are apps/configs/night.ini but for the keys below. One process, as many threads as POCL_MAX_PTHREAD_COUNT says; about three hours a seed on one core.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent.parent / "apps" / "configs" / "night.ini"

CALIBRATED = "crossdomain.calibrate=true"
SOURCE_ONLY = ["crossdomain.scp=false", "crossdomain.sca=false"]
OURS = "run.method=bicross+"
SCA_AS_PUBLISHED = "crossdomain.beta=0.01"
# Name in the table, stage, keys. Stages start from the RGB network and from MonoCross, the same of all.
LEVERS = [
    ("Pre_src", "neuromorphic", []),
    ("MonoCross", "crossmodality", []),
    ("Control", "crossdomain", SOURCE_ONLY),
    ("BiCross", "crossdomain", []),
    ("teacher faster", "crossdomain", ["crossdomain.alpha=0.98"]),
    ("teacher slower", "crossdomain", ["crossdomain.alpha=0.999"]),
    ("without SCP", "crossdomain", ["crossdomain.scp=false"]),
    ("without SCA", "crossdomain", ["crossdomain.sca=false"]),
    ("SCA times ten", "crossdomain", ["crossdomain.beta=0.1"]),
    ("SCP without the mean", "crossdomain", ["crossdomain.scp_mean=0"]),
    ("SCP soft, times three", "crossdomain", ["crossdomain.scp_softness=0.1", "crossdomain.scp_weight=3"]),
    ("SCP rising over a half", "crossdomain", ["crossdomain.scp_ramp=0.5"]),
    ("labels kept by depth", "crossdomain", ["crossdomain.scp_keep=by_depth"]),
    ("labels of two views", "crossdomain", ["crossdomain.scp_views=2"]),
    ("strong view", "crossdomain", ["crossdomain.strong_view=true"]),
    ("Control, calibrated (Control+)", "crossdomain", [CALIBRATED] + SOURCE_ONLY),
    ("BiCross, calibrated", "crossdomain", [CALIBRATED]),
    ("BiCross+", "crossdomain", [OURS]),
    ("BiCross+ without SCA", "crossdomain", [OURS, "crossdomain.sca=false"]),
    ("BiCross+, SCA as published", "crossdomain", [OURS, SCA_AS_PUBLISHED]),
    ("the same, without SCP", "crossdomain", [OURS, SCA_AS_PUBLISHED, "crossdomain.scp=false"]),
    ("the same, labels kept by depth", "crossdomain", [OURS, SCA_AS_PUBLISHED, "crossdomain.scp_keep=by_depth"]),
    ("filter at both medians", "crossmodality", ["crossmodality.filter_quantile=0.5", "crossmodality.filter_spike_quantile=0.5"]),
    ("without the filter", "crossmodality", ["crossmodality.filter=false"]),
    ("without CKD", "crossmodality", ["crossmodality.ckd=false"]),
    ("without FKD", "crossmodality", ["crossmodality.fkd=false"]),
    ("fresh stem, as published", "crossmodality", ["model.stem_init=fresh"]),
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
    starts = {"neuromorphic": None, "crossmodality": train(bicross, folder, seed, "rgb", "pretrain", None, [])}
    kept = HERE / f"levers-{seed}.json"
    levers = json.loads(kept.read_text())["levers"] if kept.exists() else {}
    for number, (name, stage, keys) in enumerate(LEVERS):
        short = f"lever-{number}"
        if name in levers and levers[name]["settings"] == keys and name != "MonoCross":
            continue
        weights = train(bicross, folder, seed, short, stage, starts[stage], keys)
        if name == "MonoCross":
            starts["crossdomain"] = weights
        levers[name] = {"stage": stage, "settings": keys, "scores": score(bicross, folder, seed, short, weights)}
        kept.write_text(json.dumps({"seed": seed, "levers": levers}, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] != "run":
        sys.exit(__doc__)
    run(sys.argv[2], sys.argv[3], int(sys.argv[4]))
