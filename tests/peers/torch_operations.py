"""One operation of `bicross bench` in PyTorch, from the shapes in its JSON: `candidates(row)` gives several ways of
doing the same work (memory layouts, fused calls where there are any); the fastest counts."""

import torch
import torch.nn.functional as F

from model import attention, standardise


def tensor(shape):
    """Channels-last shape (n, h, w, c) -> (n, c, h, w)."""
    n, h, w, c = shape
    return torch.rand(n, c, h, w, requires_grad=True)


def tokens(shape):
    return torch.rand(shape[0], shape[1] * shape[2], shape[3], requires_grad=True)


def vector(shape):
    return torch.rand(shape[3], requires_grad=True)


def optional_vector(inputs, index):
    return vector(inputs[index]) if len(inputs) > index and inputs[index] else None


def conv_weight(shape):
    kh, kw, ci, co = shape
    return torch.rand(co, ci, kh, kw, requires_grad=True)


def conv(row):
    (x, w, *_), y = row["inputs"], row["output"]
    bias, stride, pad = optional_vector(row["inputs"], 2), round(x[1] / y[1]), w[0] // 2
    return (lambda a, b, *c: F.conv2d(a, b, c[0] if c else None, stride, pad)), [tensor(x), conv_weight(w)] + \
        ([bias] if bias is not None else [])


def spike_conv(row):
    x, w, *_ = row["inputs"]  # the words of 32 frames become the floats that PyTorch needs
    function, arguments = conv(dict(row, inputs=[x[:3] + [w[2]]] + row["inputs"][1:]))
    return function, [arguments[0].detach()] + arguments[1:]


def linear(row):
    (x, w, *_), bias = row["inputs"], optional_vector(row["inputs"], 2)
    extra = [bias] if bias is not None else []
    if x[1] > 1:  # a map: PyTorch's networks do this as a 1x1 convolution
        weight = torch.rand(w[3], w[2], 1, 1, requires_grad=True)
        return (lambda a, b, *c: F.conv2d(a, b, c[0] if c else None)), [tensor(x), weight] + extra
    weight = torch.rand(w[3], w[2], requires_grad=True)
    return (lambda a, b, *c: F.linear(a, b, c[0] if c else None)), [tokens(x), weight] + extra


def per_element(function):
    def make(row):
        x = row["inputs"][0]
        return function, [tensor(x) if x[1] > 1 else tokens(x)]
    return make


def two_maps(function):
    def make(row):
        return function, [tensor(x) if x[1] > 1 else tokens(x) for x in row["inputs"]]
    return make


def group_norm(row):
    x = row["inputs"][0]
    return (lambda a, g, b: F.group_norm(a, min(32, x[3]), g, b)), [tensor(x), vector(x), vector(x)]


def layer_norm(row):
    x = row["inputs"][0]
    return (lambda a, g, b: F.layer_norm(a, (x[3],), g, b, 1e-6)), [tokens(x), vector(x), vector(x)]


def batch_norm(row):
    x = row["inputs"][0]
    mean, variance = torch.zeros(x[3]), torch.ones(x[3])
    return (lambda a, g, b: F.batch_norm(a, mean, variance, g, b, True)), [tensor(x), vector(x), vector(x)]


def attend(row):
    heads = row["output"][3] // 64
    return (lambda a: attention(a, heads)), [tokens(row["inputs"][0])]


def resize(mode, **options):
    def make(row):
        size = tuple(row["output"][1:3])
        return (lambda a: F.interpolate(a, size=size, mode=mode, **options)), [tensor(row["inputs"][0])]
    return make


def scale_channels(row):
    return torch.mul, [tensor(x) for x in row["inputs"]]


def weight_standard(row):
    return standardise, [conv_weight(row["inputs"][0])]


def embed(row):
    x, cls, pos = row["inputs"]
    def join(a, c, p):
        return torch.cat([c.expand(x[0], 1, -1), a.flatten(2).transpose(1, 2)], dim=1) + p
    return join, [tensor(x), torch.rand(1, 1, cls[3], requires_grad=True), tokens(pos)]


def readout(row):
    return (lambda a: torch.cat([a[:, 1:], a[:, :1].expand_as(a[:, 1:])], dim=2)), [tokens(row["inputs"][0])]


def inverse_depth(row):
    return (lambda a: 1 / torch.clamp(6e-5 * a + 5.79e-3, min=1e-8)), [tensor(row["inputs"][0])]


MAKERS = {
    "conv2d": conv,
    "spike_conv2d": spike_conv,
    "linear": linear,
    "attention": attend,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "weight_standard": weight_standard,
    "relu": per_element(torch.relu),
    "gelu": per_element(F.gelu),
    "sigmoid": per_element(torch.sigmoid),
    "clamp_min": per_element(lambda a: torch.clamp(a, min=0.5)),
    "log_softmax": per_element(lambda a: F.log_softmax(a, dim=-1)),
    "add": two_maps(torch.add),
    "concat_channels": two_maps(lambda a, b: torch.cat([a, b], dim=1)),
    "scale_channels": scale_channels,
    "max_pool": per_element(lambda a: F.max_pool2d(a, 3, 2, 1)),
    "average_pool": per_element(lambda a: F.avg_pool2d(a, 2)),
    "global_pool": per_element(lambda a: a.mean(dim=(2, 3), keepdim=True)),
    "resize": resize("bilinear", align_corners=True),
    "resize nearest": resize("nearest"),
    "resize bilinear": resize("bilinear", align_corners=False),
    "resize bicubic": resize("bicubic", align_corners=False),
    "tokens": embed,
    "readout": readout,
    "inverse_depth": inverse_depth,
    "inverse_depth_open": inverse_depth,
}


def is_known(row):
    return row["kind"] == "operation" and row["operation"] in MAKERS and row["pass"] in ("forward", "backward")


def leaf(x, layout):
    """A copy in a memory layout; gradients end here, if it wants them."""
    copy = x.detach().contiguous(memory_format=layout) if x.dim() == 4 else x.detach().contiguous()
    return copy.requires_grad_(x.requires_grad)


def candidates(row):
    """Functions without arguments, each doing the row's work once."""
    function, arguments = MAKERS[row["operation"]](row)
    layouts = [torch.contiguous_format]
    if arguments[0].dim() == 4:
        layouts.append(torch.channels_last)
    for layout in layouts:
        yield one_pass(function, [leaf(x, layout) for x in arguments], row["pass"])


def one_pass(function, arguments, direction):
    if direction == "forward":
        def forward():
            with torch.inference_mode():
                function(*arguments)
        return forward
    y = function(*arguments)
    gradient, wanted = torch.rand_like(y), [x for x in arguments if x.requires_grad]
    return lambda: torch.autograd.grad(y, wanted, gradient, retain_graph=True)
