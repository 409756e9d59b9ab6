"""The method's losses and masks in PyTorch, written from docs/method.md 2; maps are (n, 1, h, w) float64."""

import torch
import torch.nn.functional as F

NEAREST = 1e-3


def window(height, width):
    """The crop of Garg et al. (2.1)."""
    inside = torch.zeros(height, width, dtype=torch.bool)
    inside[int(0.40810811 * height):int(0.99189189 * height), int(0.03594771 * width):int(0.96405229 * width)] = True
    return inside


def valid(y, dmax):
    return (y > NEAREST) & (y < dmax) & window(*y.shape[2:])


def sig_loss(d, y, mask, mean_weight=0.15, softness=0.0):
    """2.2; no gradient below 1e-6; with a softness s, sqrt(L^2 + s^2) - s."""
    g = torch.log(d[mask] + 0.1) - torch.log(y[mask] + 0.1)
    root = torch.sqrt(g.var(unbiased=True) + mean_weight * g.mean() ** 2 + softness ** 2)
    return root - softness if float(root.detach()) > 1e-6 else (root - softness).detach()


def uncertainty_loss(u, d, y, mask):
    """2.3; the error is not detached."""
    error = ((d[mask] - y[mask]).abs() / y[mask]).clamp(0, 1)
    return (u[mask] - error).abs().mean()


def supervised(depth, uncertainty, label, dmax):
    """L_depth and L_unc at the label's size, which predictions are brought to."""
    size = tuple(label.shape[2:])
    if tuple(depth.shape[2:]) != size:
        depth = F.interpolate(depth, size=size, mode="bicubic", align_corners=False).clamp(min=NEAREST)
        uncertainty = F.interpolate(uncertainty, size=size, mode="bicubic", align_corners=False)
    mask = valid(label, dmax)
    return {"sig": sig_loss(depth, label, mask), "uncertainty": uncertainty_loss(uncertainty, depth, label, mask)}


def threshold(u, mask, q):
    """The value at index int(q n)."""
    values = u[mask].sort().values
    return values[min(int(q * len(values) + 1e-9), len(values) - 1)]


def below(u, mask, q):
    """u < threshold + 1e-8: whether that is more than the threshold, and lets it in itself, is a matter of float32."""
    limit = threshold(u, mask, q)
    more = limit.float() + torch.tensor(1e-8) > limit.float()
    return mask & (u <= limit if more else u < limit)


def above(u, mask, q):
    return mask & (u > threshold(u, mask, q))


def kept(depth, uncertainty, dmax, q, by_depth):
    """The most certain pseudo-labels (2.8): of all that are valid, or of each octave of depth below dmax."""
    if not by_depth:
        return below(uncertainty, valid(depth, dmax), q)
    keep = torch.zeros_like(depth, dtype=torch.bool)
    for octave in range(7):
        farthest = dmax / 2 ** octave
        nearest = farthest / 2 if octave < 6 else NEAREST
        inside = (depth >= nearest) & (depth < farthest) & window(*depth.shape[2:])
        if inside.any():
            keep |= below(uncertainty, inside, q)
    return keep


def two_views(a, b):
    """The teacher of an image and of its mirror image, mirrored back: depth and uncertainty of both."""
    apart = torch.log(a["depth"] / b["depth"]).abs()
    return (a["depth"] * b["depth"]).sqrt(), (a["uncertainty"] + b["uncertainty"]) / 2 + apart


def or_all(cells):
    """The mask, but all ones in a sample where it has none."""
    return torch.where(cells.amax(dim=(1, 2, 3), keepdim=True) > 0, cells, torch.ones_like(cells))


def project(head, x):
    """Linear, BatchNorm of the batch, ReLU, Linear (2.4, 2.7)."""
    x = F.linear(x, head[".0.weight"], head[".0.bias"])
    x = F.batch_norm(x, None, None, head[".1.weight"], head[".1.bias"], True, eps=1e-5)
    return F.linear(F.relu(x), head[".3.weight"], head[".3.bias"])


def pooled(features, weight=None):
    if weight is None:
        return features.mean(dim=(2, 3))
    return (features * weight).sum(dim=(2, 3)) / weight.sum(dim=(2, 3)).clamp(min=1e-6)


def coarse(r, s):
    """InfoNCE of rows (2.4)."""
    return -F.log_softmax(r @ s.t(), dim=1).diagonal().mean()


def fine(student, teacher, mask):
    """2.5, and with a mask of cells 2.9."""
    square = (student - teacher) ** 2
    return square.mean() if mask is None else (square * mask).sum() / (square.shape[1] * mask.sum().clamp(min=1))


class Reverse(torch.autograd.Function):
    """2.7."""

    @staticmethod
    def forward(context, x, beta):
        context.beta = beta
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return -context.beta * gradient, None


def domain_loss(log_probabilities, label):
    return -log_probabilities[:, label].mean()
