"""DPT-Hybrid with spike stem and uncertainty head, and its small relative, in PyTorch: what `bicross bench` is compared
with. Plain nn.Modules, float32, (n, c, h, w); sizes, parameter names and layouts as published (docs/method.md 8)."""

import torch
import torch.nn.functional as F
from torch import nn

SIZES = {
    "hybrid": dict(stem=64, mid=(64, 128, 256), blocks=(3, 4, 9), width=768, depth=12, heads=12, taps=(8, 11),
                   classes=1000, grid=24, features=256, head=(128, 32), scale=0.00006016, floor=1e-8),
    "tiny": dict(stem=32, mid=(16, 32, 64), blocks=(1, 1, 2), width=192, depth=4, heads=3, taps=(1, 3),
                 classes=0, grid=8, features=32, head=(16, 32), scale=0.06016, floor=1 / 160),
}
SHIFT = 0.00579


def pad_same(x, kernel, stride, value=0.0):
    """TensorFlow's SAME padding: the smaller half before."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value) if any(pads) else x


def standardise(weight, epsilon=1e-8):
    variance, mean = torch.var_mean(weight, dim=(1, 2, 3), keepdim=True, unbiased=False)
    return (weight - mean) / torch.sqrt(variance + epsilon)


class StdConv(nn.Conv2d):
    """Weight-standardised convolution without bias."""
    epsilon = 1e-8

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(inputs, outputs, kernel, stride, bias=False)

    def forward(self, x):
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:  # the same as SAME, without a copy
            return F.conv2d(x, standardise(self.weight, self.epsilon), padding=kernel // 2)
        return F.conv2d(pad_same(x, kernel, stride), standardise(self.weight, self.epsilon), stride=stride)


def group_norm(channels):
    return nn.GroupNorm(min(32, channels), channels)


class Unit(nn.Module):
    """A convolution and its norm, under the names that the stem and the shortcuts have."""

    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.conv = StdConv(inputs, outputs, kernel, stride)
        self.norm = group_norm(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Bottleneck(nn.Module):
    def __init__(self, inputs, mid, stride, downsample):
        super().__init__()
        if downsample:
            self.downsample = Unit(inputs, 4 * mid, 1, stride)
        self.conv1, self.norm1 = StdConv(inputs, mid, 1), group_norm(mid)
        self.conv2, self.norm2 = StdConv(mid, mid, 3, stride), group_norm(mid)
        self.conv3, self.norm3 = StdConv(mid, 4 * mid, 1), group_norm(4 * mid)

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        y = F.relu(self.norm1(self.conv1(x)))
        y = F.relu(self.norm2(self.conv2(y)))
        return F.relu(self.norm3(self.conv3(y)) + shortcut)


class Stage(nn.Module):
    def __init__(self, inputs, mid, count, stride):
        super().__init__()
        self.blocks = nn.Sequential(*[Bottleneck(inputs if i == 0 else 4 * mid, mid, stride if i == 0 else 1, i == 0)
                                      for i in range(count)])

    def forward(self, x):
        return self.blocks(x)


class ResNet(nn.Module):
    def __init__(self, s, channels):
        super().__init__()
        self.stem = Unit(channels, s["stem"], 7, 2)
        widths = [s["stem"]] + [4 * m for m in s["mid"]]
        self.stages = nn.ModuleList(
            [Stage(widths[i], s["mid"][i], s["blocks"][i], 1 if i == 0 else 2) for i in range(3)])

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = F.max_pool2d(pad_same(x, 3, 2, float("-inf")), 3, 2)
        layer1 = self.stages[0](x)
        layer2 = self.stages[1](layer1)
        return layer1, layer2, self.stages[2](layer2)


def attention(qkv, heads):
    """qkv (n, t, 3d) -> (n, t, d)."""
    n, t, width = qkv.shape
    q, k, v = qkv.reshape(n, t, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)
    if hasattr(F, "scaled_dot_product_attention"):
        y = F.scaled_dot_product_attention(q, k, v)
    else:
        y = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1) @ v
    return y.transpose(1, 2).reshape(n, t, width // 3)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        return self.proj(attention(self.qkv(x), self.heads))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, eps=1e-6), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width, eps=1e-6), Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, s, channels):
        super().__init__()
        self.backbone = ResNet(s, channels)
        self.proj = nn.Conv2d(4 * s["mid"][2], s["width"], 1)


class ViT(nn.Module):
    def __init__(self, s, channels):
        super().__init__()
        self.taps, self.grid = s["taps"], s["grid"]
        self.patch_embed = PatchEmbed(s, channels)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, s["width"]))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + s["grid"] ** 2, s["width"]))
        self.blocks = nn.ModuleList([Block(s["width"], s["heads"]) for _ in range(s["depth"])])
        self.norm = nn.LayerNorm(s["width"], eps=1e-6)  # this and the classifier are published, and not used
        if s["classes"]:
            self.head = nn.Linear(s["width"], s["classes"])

    def positions(self, h, w):
        if h == self.grid and w == self.grid:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].reshape(1, self.grid, self.grid, -1).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(h, w), mode="bilinear", align_corners=False)
        return torch.cat([self.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)

    def forward(self, x):
        layer1, layer2, top = self.patch_embed.backbone(x)
        tokens = self.patch_embed.proj(top).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], dim=1) + self.positions(*top.shape[2:])
        found = []
        for i, block in enumerate(self.blocks):
            tokens = block(tokens)
            if i in self.taps:
                found.append(tokens)
        return layer1, layer2, found[0], found[1], top.shape[2:]


class Readout(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(2 * width, width), nn.GELU())

    def forward(self, tokens):
        grid = tokens[:, 1:]
        return self.project(torch.cat([grid, tokens[:, :1].expand_as(grid)], dim=2))


class Reassemble(nn.ModuleList):
    """Published as a list: the readout, two reshapes without parameters, a convolution, for one tap a second one."""

    def __init__(self, width, halve):
        super().__init__([Readout(width), nn.Identity(), nn.Identity(), nn.Conv2d(width, width, 1)])
        if halve:
            self.append(nn.Conv2d(width, width, 3, 2, 1))

    def forward(self, tokens, size):
        x = self[0](tokens).transpose(1, 2).unflatten(2, tuple(size))
        for conv in list(self)[3:]:
            x = conv(x)
        return x


class Pretrained(nn.Module):
    def __init__(self, s, channels):
        super().__init__()
        self.model = ViT(s, channels)
        self.act_postprocess3 = Reassemble(s["width"], False)
        self.act_postprocess4 = Reassemble(s["width"], True)

    def forward(self, x):
        layer1, layer2, tap3, tap4, size = self.model(x)
        return layer1, layer2, self.act_postprocess3(tap3, size), self.act_postprocess4(tap4, size)


def twice(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class ResidualUnit(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.conv1 = nn.Conv2d(features, features, 3, padding=1)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class Fusion(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.out_conv = nn.Conv2d(features, features, 1)
        self.resConfUnit1, self.resConfUnit2 = ResidualUnit(features), ResidualUnit(features)

    def forward(self, skip, previous=None):
        x = skip if previous is None else previous + self.resConfUnit1(skip)
        return self.out_conv(twice(self.resConfUnit2(x)))


class Head(nn.ModuleList):
    """Published as a list: convolution, upsampling, convolution, ReLU, convolution."""

    def __init__(self, features, widths):
        super().__init__([nn.Conv2d(features, widths[0], 3, padding=1), nn.Identity(),
                          nn.Conv2d(widths[0], widths[1], 3, padding=1), nn.Identity(), nn.Conv2d(widths[1], 1, 1)])

    def forward(self, x):
        return self[4](F.relu(self[2](twice(self[0](x)))))


class Scratch(nn.Module):
    def __init__(self, s):
        super().__init__()
        f, inputs = s["features"], [4 * s["mid"][0], 4 * s["mid"][1], s["width"], s["width"]]
        for i in range(4):
            setattr(self, f"layer{i + 1}_rn", nn.Conv2d(inputs[i], f, 3, padding=1, bias=False))
            setattr(self, f"refinenet{i + 1}", Fusion(f))
        self.output_conv = Head(f, s["head"])

    def forward(self, layers):
        x = None
        for i in (3, 2, 1, 0):
            x = getattr(self, f"refinenet{i + 1}")(getattr(self, f"layer{i + 1}_rn")(layers[i]), x)
        return x


class DepthNetwork(nn.Module):
    """x (n, frames, h, w), -1 or 1 -> depth in metres and, unless heads is "depth", the raw uncertainty, each (n, 1, h, w)."""

    def __init__(self, name, heads="both", frames=128):
        super().__init__()
        s = SIZES[name]
        self.heads, self.scale, self.floor = heads, s["scale"], s["floor"]
        self.pretrained = Pretrained(s, frames)
        self.scratch = Scratch(s)
        self.uncertaity_head = Head(s["features"], s["head"])  # the published spelling

    def forward(self, x):
        path = self.scratch(self.pretrained(x))
        depth = 1 / torch.clamp(self.scale * self.scratch.output_conv(path) + SHIFT, min=self.floor)
        return (depth,) if self.heads == "depth" else (depth, self.uncertaity_head(path))
