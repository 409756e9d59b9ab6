"""One update of every stage in float64."""

import copy
import functools

import numpy as np
import torch
import torch.nn.functional as F

import losses
import made
from forms import ALPHA, BATCH, DMAX, INPUT, WARM_UP
from model import SHIFT, DepthNetwork

STEM = "pretrained.model.patch_embed.backbone.stem.conv.weight"


class Network(DepthNetwork):
    """With the taps that losses need; the gradient passes through the floor under 1 / depth (`tiny` alone has that)."""

    def __init__(self, values, frames, stem_epsilon=1e-8):
        super().__init__("tiny", frames=frames)
        self.double()
        self.pretrained.model.patch_embed.backbone.stem.conv.epsilon = stem_epsilon
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_(torch.from_numpy(values[name].astype(np.float64)))

    def forward(self, x):
        layers, kept = self.pretrained(x), []
        hook = self.scratch.refinenet4.register_forward_hook(lambda module, inputs, output: kept.append(output))
        path = self.scratch(layers)
        hook.remove()
        z = self.scale * self.scratch.output_conv(path) + SHIFT
        z = z + (z.clamp(min=self.floor) - z).detach()
        return {"depth": 1 / z, "uncertainty": self.uncertaity_head(path), "layer4": layers[3], "path4": kept[0]}


@functools.cache
def start_values(frames):
    return made.network_values(shapes(frames))


def shapes(frames):
    return {name: tuple(p.shape) for name, p in DepthNetwork("tiny", frames=frames).named_parameters()}


# --- inputs ---

@functools.cache
def nearest_spikes(domain):
    maps = torch.from_numpy(np.stack([made.spikes(name) for name in made.names(domain)]).astype(np.float32))
    return F.interpolate(2 * maps - 1, size=INPUT, mode="nearest").double()


@functools.cache
def pictures(domain):
    maps = torch.from_numpy(np.stack([made.picture(name) for name in made.names(domain)]).astype(np.float64))
    maps = F.interpolate(maps.permute(0, 3, 1, 2) / 255, size=INPUT, mode="bilinear", align_corners=False)
    return 2 * maps - 1


@functools.cache
def labels(domain):
    return torch.from_numpy(np.stack([made.depth(name) for name in made.names(domain)]).astype(np.float64))[:, None]


# --- optimiser ---

class Optimiser:
    """Adam, or SGD with momentum, of named parameters. rates(name): of the updates that one gets, one after the other; the published
    double update of the backbone keeps moments of its own for each, which are the same."""

    def __init__(self, parameters, rates, adam, clip=0.0):
        self.parameters, self.rates, self.adam, self.clip, self.count = dict(parameters), rates, adam, clip, 0
        self.before = {n: p.detach().clone() for n, p in self.parameters.items()}
        self.moments = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in self.parameters.items()}

    def apply(self, gradients):
        self.count += 1
        norm = sum(float((g ** 2).sum()) for g in gradients) ** 0.5
        factor = min(1.0, self.clip / (norm + 1e-6)) if self.clip else 1.0  # torch.nn.utils.clip_grad_norm_
        for (name, parameter), gradient in zip(self.parameters.items(), gradients):
            m, v = self.moments[name]
            m.mul_(0.9).add_((0.1 if self.adam else 1) * factor * gradient)
            v.mul_(0.999).add_(0.001 * (factor * gradient) ** 2)
            direction = m / (1 - 0.9 ** self.count) / ((v / (1 - 0.999 ** self.count)).sqrt() + 1e-8) if self.adam else m
            with torch.no_grad():
                for rate in self.rates(name):
                    parameter -= rate * direction


def step(loss, *optimisers):
    """All gradients, then all updates."""
    parameters = [p for o in optimisers for p in o.parameters.values()]
    gradients = [torch.zeros_like(p) if g is None else g
                 for p, g in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True))]
    for optimiser in optimisers:
        own = len(optimiser.parameters)
        optimiser.apply(gradients[:own])
        gradients = gradients[own:]


def rates_of(form, name):
    """Of the updates that a parameter gets, one after the other."""
    if name.startswith("head_"):
        return [form.rates["lr_heads"]]
    backbone = name.startswith("pretrained.")
    return [form.rates["lr_scratch"]] * (form.double or not backbone) + [form.rates["lr_backbone"]] * backbone


def make_head(name, inputs, hidden, outputs):
    """As the program draws it, by the names of its parts."""
    head = {".1.weight": np.ones(hidden), ".1.bias": np.zeros(hidden)}
    for layer, shape in ((".0", (hidden, inputs)), (".3", (outputs, hidden))):
        bound = np.float32(1) / np.sqrt(np.float32(shape[1]))
        head[layer + ".weight"] = made.drawn(f"{name}{layer}.weight", shape, bound)
        head[layer + ".bias"] = made.drawn(f"{name}{layer}.bias", shape[:1], bound)
    return {part: torch.from_numpy(np.array(values, np.float64)).requires_grad_() for part, values in head.items()}


# --- stages ---

class Run:
    """A stage of a form. Each of supervised, crossmodality and crossdomain gives the terms of its loss."""

    def __init__(self, form):
        self.form, self.heads, self.teacher = form, {}, None
        frames = 3 if form.stage in ("pretrain", "crossmodality") else made.FRAMES
        values = dict(start_values(frames))
        if form.stage == "crossmodality":
            self.teacher = Network(values, 3)
            values[STEM] = self.first_stem(values[STEM])
            frames = made.FRAMES
        self.student = Network(values, frames, form.stem_epsilon)
        self.optimiser = self.optimiser_of(self.student.named_parameters(), form.clip)

    def optimiser_of(self, parameters, clip=0.0):
        return Optimiser(parameters, lambda name: rates_of(self.form, name), not self.form.warm_up, clip)

    def first_stem(self, rgb):
        shape = (rgb.shape[0], made.FRAMES, *rgb.shape[2:])
        if self.form.inflated:
            return np.broadcast_to(rgb.astype(np.float64).mean(1, keepdims=True).astype(np.float32), shape)
        return made.drawn(STEM, shape, np.float32(1) / np.sqrt(np.float32(np.prod(shape[1:]))))

    def supervised(self):
        domain = "target" if self.form.stage == "supervised" else "source"
        maps = self.student(pictures(domain) if self.form.stage == "pretrain" else nearest_spikes(domain))
        return losses.supervised(maps["depth"], maps["uncertainty"], labels(domain), DMAX)

    def crossmodality(self):
        with torch.no_grad():
            rgb = self.teacher(pictures("source"))
        spike = self.student(nearest_spikes("source"))
        terms = losses.supervised(spike["depth"], spike["uncertainty"], labels("source"), DMAX)
        cells = filter_cells(rgb, spike) if self.form.filtered else None
        weight = F.avg_pool2d(losses.or_all(cells), 2) if self.form.filtered else None
        for name in ("head_rgb", "head_spike"):
            self.heads[name] = make_head(name, rgb["layer4"].shape[1], 512, 256)
        terms["ckd"] = losses.coarse(losses.project(self.heads["head_rgb"], losses.pooled(rgb["layer4"], weight)),
                                     losses.project(self.heads["head_spike"], losses.pooled(spike["layer4"], weight)))
        terms["fkd"] = losses.fine(spike["path4"], rgb["path4"], cells)
        return terms

    def warm_up(self):
        for _ in range(WARM_UP * self.form.warm_up):
            maps = self.student(nearest_spikes("source"))
            step(0.1 * sum(losses.supervised(maps["depth"], maps["uncertainty"], labels("source"), DMAX).values()), self.optimiser)

    def crossdomain(self):
        form, terms = self.form, {}
        self.teacher = copy.deepcopy(self.student)
        self.warm_up()
        source = self.student(nearest_spikes("source")) if form.source or form.sca else None
        target = self.student(nearest_spikes("target")) if form.scp or form.sca else None
        if form.source:
            terms = losses.supervised(source["depth"], source["uncertainty"], labels("source"), DMAX)
        if form.sca:
            terms["sca_source"], terms["sca_target"] = self.alignment(source["layer4"], target["layer4"])
        if form.scp:
            terms["scp"] = self.pseudo_labels(target["depth"])
        return terms

    def alignment(self, source, target):
        def classify(name, features):
            if name not in self.heads:
                self.heads[name] = make_head(name, features.shape[1], 256, 2)
            x = losses.Reverse.apply(losses.pooled(features), self.form.beta)
            return F.log_softmax(losses.project(self.heads[name], x), dim=1)
        if self.form.shared_head:
            both = classify("head_domain", torch.cat([source, target]))
            return losses.domain_loss(both[:BATCH], 0), losses.domain_loss(both[BATCH:], 1)
        return losses.domain_loss(classify("head_source", source), 0), losses.domain_loss(classify("head_target", target), 1)

    def pseudo_labels(self, depth):
        form, spikes = self.form, nearest_spikes("target")
        with torch.no_grad():
            maps = self.teacher(spikes)
            label, uncertainty = maps["depth"], maps["uncertainty"]
            if form.views == 2:
                mirrored = self.teacher(spikes.flip(3))
                label, uncertainty = losses.two_views(maps, {name: mirrored[name].flip(3) for name in ("depth", "uncertainty")})
            keep = losses.kept(label, uncertainty, DMAX, 0.5, form.by_depth)
        return losses.sig_loss(depth.clamp(min=losses.NEAREST), label, keep, form.mean_weight, form.softness)


def filter_cells(rgb, spike):
    """2.9: where the RGB network is certain and the spike network is not."""
    u_rgb, u_spike = (F.avg_pool2d(maps["uncertainty"].detach(), 16) for maps in (rgb, spike))
    inside = losses.window(*u_rgb.shape[2:]).expand_as(u_rgb)
    return (losses.below(u_rgb, inside, 0.75) & losses.above(u_spike, inside, 0.25)).double()


def run(form):
    """Terms of the loss, and by part of the network (student, heads, teacher) first moments and weights after the update."""
    r = Run(form)
    before = {"crossmodality": r.crossmodality, "crossdomain": r.crossdomain, "control": r.crossdomain}
    terms = before.get(form.stage, r.supervised)()
    total = sum(form.weights.get(name, 1.0) * value for name, value in terms.items())
    heads = r.optimiser_of({name + part: p for name, head in r.heads.items() for part, p in head.items()})
    step(total, r.optimiser, heads)
    parts = {"student": r.optimiser, "heads": heads}
    result = {"terms": {name: value.item() for name, value in {"total": total, **terms}.items()},
              "moments": {part: {n: m.numpy() for n, (m, _) in o.moments.items()} for part, o in parts.items()},
              "before": {part: {n: p.numpy() for n, p in o.before.items()} for part, o in parts.items()},
              "weights": {part: {n: p.detach().numpy() for n, p in o.parameters.items()} for part, o in parts.items()}}
    if form.scp and form.stage == "crossdomain":
        result["weights"]["teacher"] = {n: ALPHA * old.detach().numpy() + (1 - ALPHA) * result["weights"]["student"][n]
                                        for n, old in r.teacher.named_parameters()}
    return result
