"""The updates that are compared: stages in the forms that docs/method.md 0 lists, each as settings of the program and as what
update.py makes of them."""

from dataclasses import dataclass, field

INPUT, DMAX, BATCH = (64, 96), 80.0, 4
ADAM = {"lr_backbone": 1e-4, "lr_scratch": 3e-4, "lr_heads": 2e-4}
SGD = {"lr_backbone": 2e-3, "lr_scratch": 1e-3, "lr_heads": 2e-2}
WARM_UP = 1  # updates before the first of crossdomain
ALPHA = 0.9
PAPER, CODE = "run.method=paper", "run.method=code"


@dataclass
class Form:
    name: str
    stage: str
    settings: list = field(default_factory=list)
    double: bool = False  # the backbone is updated twice
    warm_up: bool = False  # without it, crossdomain's student and teacher are equal at the first update
    clip: float = 0.0
    stem_epsilon: float = 1e-8
    weights: dict = field(default_factory=dict)  # of the terms; else 1
    filtered: bool = True
    inflated: bool = False
    source: bool = True  # terms of crossdomain
    sca: bool = True
    scp: bool = True
    beta: float = 0.1
    shared_head: bool = True
    by_depth: bool = False
    views: int = 1
    mean_weight: float = 0.15
    softness: float = 0.0

    @property
    def section(self):
        return "crossdomain" if self.stage == "control" else self.stage

    @property
    def rates(self):
        return SGD if self.warm_up else ADAM

    def all_settings(self):
        sets = [f"{self.section}.{key}={value}" for key, value in self.rates.items()] + self.settings
        sets += [f"crossdomain.warmup={str(self.warm_up).lower()}", f"crossdomain.optimiser={'sgd' if self.warm_up else 'adam'}"]
        of_others = [s for s in SECTIONS if s != self.section]
        return [setting for setting in COMMON + sets if setting.split(".")[0] not in of_others]


CODE_SETTINGS = [CODE, "run.init_from=last", "run.validation=source"]
# Where distillation and alignment are as weak as published, their gradients would be lost in those of the labels.
KD, STRONG_KD = {"ckd": 1.0, "fkd": 1.0}, ["crossmodality.ckd_weight=1", "crossmodality.fkd_weight=1"]
SCA, STRONG_SCA = {"sca_source": 0.1, "sca_target": 0.1}, ["crossdomain.beta=5"]
ADVERSARIAL = CODE_SETTINGS + STRONG_SCA + ["crossdomain.scp=false"]
PLUS = ["run.method=bicross+", "crossdomain.calibrate=false"]  # calibrated spikes are others, drawn at random
LEVERS = ["crossdomain.scp_keep=by_depth", "crossdomain.scp_views=2", "crossdomain.scp_mean=0.3", "crossdomain.scp_softness=0.05"]
FORMS = [
    Form("pretrain", "pretrain", [PAPER]),
    Form("pretrain code", "pretrain", CODE_SETTINGS, double=True),
    Form("neuromorphic", "neuromorphic", [PAPER]),
    Form("neuromorphic code", "neuromorphic", CODE_SETTINGS, double=True, stem_epsilon=1e-6),
    Form("crossmodality", "crossmodality", [PAPER] + STRONG_KD, weights=KD),
    Form("crossmodality code", "crossmodality", CODE_SETTINGS + STRONG_KD + ["model.stem_init=inflated"], double=True, stem_epsilon=1e-6, weights=KD,
         filtered=False, inflated=True),
    Form("crossdomain", "crossdomain", [PAPER] + STRONG_SCA, beta=5, weights=SCA),
    Form("crossdomain warm", "crossdomain", [PAPER] + STRONG_SCA, beta=5, weights=SCA, warm_up=True),
    Form("crossdomain code", "crossdomain", CODE_SETTINGS, warm_up=True, double=True, stem_epsilon=1e-6, source=False, sca=False),
    Form("crossdomain code adversarial", "crossdomain", ADVERSARIAL, double=True, stem_epsilon=1e-6, beta=5, weights=SCA, scp=False,
         shared_head=False),
    Form("crossdomain bicross+", "crossdomain", PLUS, warm_up=True, weights={**SCA, "scp": 0.0}),  # which rises from 0
    Form("crossdomain levers", "crossdomain", [PAPER, "crossdomain.beta=0.1", "crossdomain.clip_norm=1"] + LEVERS, warm_up=True, clip=1.0, weights=SCA, by_depth=True, views=2,
         mean_weight=0.3, softness=0.05),
    Form("control", "control", [PAPER], sca=False, scp=False),
    Form("supervised", "supervised", [PAPER, "supervised.clip_norm=1"], clip=1.0),
]
# A teacher with a horizon of a tenth of 100 updates keeps ALPHA, too.
COMMON = ["model.preset=tiny", f"model.input_height={INPUT[0]}", f"model.input_width={INPUT[1]}", f"crossdomain.alpha={ALPHA}",
          f"crossdomain.warmup_step={WARM_UP + 1}"]
SECTIONS = ["pretrain", "neuromorphic", "crossmodality", "crossdomain", "supervised"]
COMMON += [f"{stage}.{setting}" for stage in SECTIONS
           for setting in (f"batch={BATCH}", "schedule=constant", "steps=100")]
FOLDERS = ["data.kind=folder", "data.source=source", "data.target=target", "data.source_count=0", "data.target_count=0"]
