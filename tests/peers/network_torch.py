"""Times one network in PyTorch, in a process of its own so that its peak memory is its own:
    network_torch.py {hybrid|tiny} {inference|training} BATCH HEIGHT WIDTH {contiguous|channels_last} THREADS
Prints JSON: seconds, process_bytes."""

import json
import resource
import sys

import torch

from model import DepthNetwork
from timing import median


def main():
    name, mode, batch, height, width, layout, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    layout = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    network = DepthNetwork(name).to(memory_format=layout)
    spikes = 2.0 * (torch.rand(int(batch), 128, int(height), int(width)) < 0.25) - 1
    spikes = spikes.contiguous(memory_format=layout)
    if mode == "inference":
        network.eval()

        def work():
            with torch.inference_mode():
                network(spikes)
    else:
        # as in bicross bench: the gradients of both maps are given, and the rate is zero
        optimiser = torch.optim.Adam(network.parameters(), lr=0.0)

        def work():
            optimiser.zero_grad(set_to_none=True)
            maps = network(spikes)
            torch.autograd.backward(maps, [torch.full_like(m, 1e-3) for m in maps])
            optimiser.step()

    seconds = median(work)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "process_bytes": peak}))


if __name__ == "__main__":
    main()
