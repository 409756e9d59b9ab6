"""Values for the weights of model.py: the golden tensors' (tests/golden/README.md), in which every parameter follows from
its published name, so that whoever fills a network gets the same one.

    weights.py          checks the network against the golden tensors
"""

import os
import sys

import numpy as np
import torch

from model import SIZES, DepthNetwork

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "dpt_hybrid_64x96")


def hashed(name, count):
    """SplitMix64 from the FNV-1a hash of a name, as in tests/golden/README.md."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) % 2**64
    z = np.uint64(key) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, count):
    return (hashed(name, count) >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)


def golden_value(name, shape, unit):
    """unit: what the depth head's output is measured in, against hybrid's, so that depths of all networks are alike."""
    u = uniform(name, int(np.prod(shape))).reshape(shape)
    if name.endswith("norm.weight") or (".norm" in name and name.endswith("weight")):
        return 1 + np.float32(0.25) * u
    if name.endswith("bias"):
        value = np.float32(0.05) * u
    elif name.endswith(("cls_token", "pos_embed")):
        value = np.float32(0.1) * u
    else:
        value = u * np.float32(np.sqrt(3 / np.prod(shape[1:])))
    if name == "scratch.output_conv.4.bias":
        value += 900 * unit
    if name == "scratch.output_conv.4.weight":
        value *= 60 * unit
    if name == "uncertaity_head.4.bias":
        value += np.float32(0.3)
    return value


def filled(name):
    """The network with its golden values."""
    network = DepthNetwork(name)
    unit = np.float32(SIZES["hybrid"]["scale"] / SIZES[name]["scale"])
    with torch.no_grad(), np.errstate(over="ignore"):
        for parameter_name, parameter in network.named_parameters():
            value = golden_value(parameter_name, tuple(parameter.shape), unit)
            parameter.copy_(torch.from_numpy(value))
    return network


def check():
    network = filled("hybrid")
    count = sum(parameter.numel() for parameter in network.parameters())
    wrong = count != 123_870_954
    print(f"{count} parameters, expected 123870954")
    with torch.no_grad():
        spikes = torch.from_numpy(np.load(os.path.join(GOLDEN, "spikes.npy")).astype(np.float32))
        maps = network(2 * spikes - 1)
    for name, found in zip(("depth", "uncertainty"), maps):
        expected = np.load(os.path.join(GOLDEN, name + ".npy"))
        error = np.abs(found[:, 0].numpy() - expected).max() / np.abs(expected).max()
        wrong = wrong or not error <= 3e-4
        print(f"{name}: largest difference {error:.1e} of the largest value (allowed 3.0e-04)")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(check())
