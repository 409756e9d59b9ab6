"""Makes what all sides read for one network at one size:
    prepare.py {hybrid|tiny} BATCH HEIGHT WIDTH {depth|both} FOLDER
In the folder: weights.safetensors, spikes.npy, and network.onnx, exported from those weights."""

import os
import sys

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from model import DepthNetwork
from weights import filled


def draw_spikes(batch, height, width):
    """A quarter of all pixels fires, more of them to the right, so that depth differs from place to place."""
    rate = np.linspace(0.05, 0.45, width, dtype=np.float32)
    return (np.random.default_rng(1).random((batch, 128, height, width), dtype=np.float32) < rate).astype(np.uint8)


def export(name, heads, weights, spikes, path):
    network = DepthNetwork(name, heads).eval()
    network.load_state_dict(load_file(weights))
    torch.onnx.export(network, (2 * torch.from_numpy(spikes).float() - 1,), path, input_names=["spikes"],
                      output_names=["depth", "uncertainty"][:1 if heads == "depth" else 2],
                      external_data=False, verbose=False)


def main():
    name, *sizes, heads, folder = sys.argv[1:]
    weights = os.path.join(folder, "weights.safetensors")
    save_file(filled(name).state_dict(), weights)
    spikes = draw_spikes(*map(int, sizes))
    np.save(os.path.join(folder, "spikes.npy"), spikes)
    export(name, heads, weights, spikes, os.path.join(folder, "network.onnx"))


if __name__ == "__main__":
    main()
