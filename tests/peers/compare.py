#!/usr/bin/env python3
"""Runs the same work in bicross and in its peers, turn by turn, and prints bicross' time over the peer's: below 1,
bicross is faster. See README.md beside this file."""

import argparse
import importlib
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["agreement", "networks", "operations", "products"])
    parser.add_argument("--program", default=os.path.join(HERE, "..", "..", "build", "bicross"))
    parser.add_argument("--only", default="", help="cases with this in their name (operations: 'hybrid')")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each side gets (3)")
    parser.add_argument("--threads", type=int, default=2, help="of every peer but CLBlast (2)")
    parser.add_argument("--peers", nargs="+", choices=["torch", "onnxruntime", "openvino", "torch-bf16", "openvino-bf16"],
                        help="of networks and agreement (all)")
    parser.add_argument("--heads", choices=["both", "depth"], default="both",
                        help="what the peers' networks compute; bicross computes both (both)")
    parser.add_argument("--compile", action="store_true", help="try torch.compile, too, which takes minutes")
    parser.add_argument("--set", action="append", default=[], help="SECTION.KEY=VALUE for bicross bench")
    arguments = parser.parse_args()
    # each comparison is a file here that needs only its own peers
    getattr(importlib.import_module(arguments.what), "compare_" + arguments.what)(arguments)


if __name__ == "__main__":
    main()
