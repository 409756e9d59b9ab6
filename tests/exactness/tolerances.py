"""What float32 can be held to; README.md says why."""

import numpy as np

TERMS = 1e-4     # of a loss term's value,
NOISE = 1e-6     # and of one that is 0: pseudo-labels of a teacher that is the student itself
GRADIENT = 2e-2  # of a tensor's norm,
NONE = 1e-4      # which counts as at least this share of all gradients': a bias in front of a norm has no gradient but noise
CLEAR = 0.3      # of the typical gradient in a tensor: elements whose sign is beyond doubt
MOVED = 1e-2     # of a rate there; of the whole distance with SGD


def term_allowed(value):
    return abs(value) * TERMS or NOISE


def moment_allowed(expected, part, name):
    """How far a tensor's first moments may be off, in their norm."""
    moments = expected["moments"][part]
    whole = np.sqrt(sum((m ** 2).sum() for m in moments.values()))
    return GRADIENT * max(np.linalg.norm(moments[name]), NONE * whole)
