"""The updates that are compared: stages in the forms that docs/method.md 0 lists, each as settings of the program and as what
update.py makes of them."""

from dataclasses import dataclass, field

INPUT, DMAX, BATCH = (64, 96), 80.0, 4
RATES = {"lr_backbone": 1e-4, "lr_scratch": 3e-4, "lr_heads": 2e-4}
WARM_UP = 3  # updates before crossdomain's first: without them student and teacher would be equal
ALPHA, BETA = 0.9, 0.1
PAPER, CODE = "run.method=paper", "run.method=code"


@dataclass
class Form:
    name: str
    stage: str
    settings: list = field(default_factory=list)
    double: bool = False  # the backbone is updated twice
    clip: float = 0.0
    stem_epsilon: float = 1e-8
    weights: dict = field(default_factory=dict)  # of the terms; else 1
    filtered: bool = True
    inflated: bool = False
    source: bool = True  # terms of crossdomain
    sca: bool = True
    scp: bool = True
    shared_head: bool = True
    by_depth: bool = False
    views: int = 1
    mean_weight: float = 0.15
    softness: float = 0.0

    @property
    def section(self):
        return "crossdomain" if self.stage == "control" else self.stage

    def arguments(self):
        sets = [f"{self.section}.{key}={value}" for key, value in RATES.items()] + self.settings
        return [word for setting in sets for word in ("--set", setting)]


CODE_SETTINGS = [CODE, "run.init_from=last", "run.validation=source"]
ADVERSARIAL = CODE_SETTINGS + ["crossdomain.scp=false"]
KD, SCA = {"ckd": 0.01, "fkd": 0.01}, {"sca_source": 0.1, "sca_target": 0.1}
PLUS = ["run.method=bicross+", "crossdomain.calibrate=false", "crossdomain.scp_ramp=0"]
LEVERS = ["crossdomain.scp_keep=by_depth", "crossdomain.scp_views=2", "crossdomain.scp_mean=0.3", "crossdomain.scp_softness=0.05"]
FORMS = [
    Form("pretrain", "pretrain", [PAPER]),
    Form("pretrain code", "pretrain", CODE_SETTINGS, double=True),
    Form("neuromorphic", "neuromorphic", [PAPER]),
    Form("neuromorphic code", "neuromorphic", CODE_SETTINGS, double=True, stem_epsilon=1e-6),
    Form("crossmodality", "crossmodality", [PAPER], weights=KD),
    Form("crossmodality code", "crossmodality", CODE_SETTINGS + ["model.stem_init=inflated"], double=True, stem_epsilon=1e-6, weights=KD,
         filtered=False, inflated=True),
    Form("crossdomain", "crossdomain", [PAPER], weights=SCA),
    Form("crossdomain code", "crossdomain", CODE_SETTINGS, double=True, stem_epsilon=1e-6, source=False, sca=False),
    Form("crossdomain code adversarial", "crossdomain", ADVERSARIAL, double=True, stem_epsilon=1e-6, weights=SCA, scp=False,
         shared_head=False),
    Form("crossdomain bicross+", "crossdomain", PLUS, weights={"sca_source": 0.1, "sca_target": 0.1}),
    Form("crossdomain levers", "crossdomain", [PAPER, "crossdomain.clip_norm=1"] + LEVERS, clip=1.0, weights=SCA, by_depth=True, views=2,
         mean_weight=0.3, softness=0.05),
    Form("control", "control", [PAPER], sca=False, scp=False),
    Form("supervised", "supervised", [PAPER, "supervised.clip_norm=1"], clip=1.0),
]
COMMON = ["model.preset=tiny", f"model.input_height={INPUT[0]}", f"model.input_width={INPUT[1]}", "data.kind=folder", "data.source=source",
          "data.target=target", "data.source_count=0", "data.target_count=0", f"crossdomain.alpha={ALPHA}", f"crossdomain.beta={BETA}",
          f"crossdomain.warmup_step={WARM_UP + 1}"]
COMMON += [f"{stage}.{setting}" for stage in ("pretrain", "neuromorphic", "crossmodality", "crossdomain", "supervised")
           for setting in (f"batch={BATCH}", "schedule=constant", "steps=9")]
