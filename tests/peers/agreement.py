"""compare.py agreement: the same weights and spikes give the same maps in bicross and in every peer."""

import itertools
import os
import sys
import tempfile

import numpy as np

from networks import Case, difference, prepare, run_peer, wanted_peers
from program import output_of

CASES = [Case("tiny", 1, 64, 128), Case("hybrid", 1, 384, 384)]
ALLOWED = 1e-3


def bicross_maps(arguments, case, folder):
    """At the network's own size nothing is resized or cropped, and .npy holds float32."""
    window, depth, uncertainty = (os.path.join(folder, name + ".npy") for name in ("window", "depth", "uncertainty"))
    np.save(window, np.load(os.path.join(folder, "spikes.npy"))[0])
    output_of([arguments.program, "predict", "--weights", os.path.join(folder, "weights.safetensors"), "--model", case.model,
               "--input", f"{case.height}x{case.width}", "--spikes", window, "--depth", depth, "--uncertainty", uncertainty])
    return [np.load(path)[np.newaxis] for path in (depth, uncertainty)]


def compare_agreement(arguments):
    differences = []
    peers = wanted_peers(arguments, precisions=("f32",))
    with tempfile.TemporaryDirectory() as parent:
        for case in CASES:
            if arguments.only.lower() not in case.name("inference"):
                continue
            folder = prepare(arguments, case, parent)
            maps = {"bicross": bicross_maps(arguments, case, folder)}
            maps.update({peer.title: run_peer(arguments, peer, case, "inference", folder)["maps"] for peer in peers})
            depth = maps["bicross"][0]
            print(f"\n{case.name('inference')}: depth {depth.min():.2f} to {depth.max():.2f} m")
            for one, other in itertools.combinations(maps, 2):
                found = difference(maps[one], maps[other])
                differences += found
                print(f"  {one + ' - ' + other:28}", *(f"{name} {d:.1e}" for name, d in zip(("depth", "uncertainty"), found)))
    if not all(d <= ALLOWED for d in differences):  # NaN is not
        sys.exit(f"some differences are more than {ALLOWED:.0e} of the largest value")
