"""What is checked: one row for each function or class.

Points are shares of the question's points in the manifest; a test adds them up.
"""

from grader.kinds.dropout import Mask
from grader.kinds.dropout_networks import DropoutNetwork
from grader.kinds.layers import Backward, Forward
from grader.kinds.networks import Network
from grader.kinds.proof import Case
from grader.kinds.update_rules import Rule
from grader.model.dependence import Varied

from . import published
from . import strategies as draw

_OUT = ("out",)

# What the axes of inputs are called, where outputs have the same ones.
_EXAMPLES = {"x": Varied(axes=("example",)), "dout": Varied(axes=("example",))}
_UNITS = {
    "x": Varied(axes=("example",)),
    "w": Varied(axes=("", "unit")),
    "b": Varied(axes=("unit",)),
    "dout": Varied(axes=("example", "unit")),
}
_FEATURES = {
    "x": Varied(axes=("example", "feature")),
    "dout": Varied(axes=("example", "feature")),
    "gamma": Varied(axes=("feature",)),
    "beta": Varied(axes=("feature",)),
    "bn_param.running_mean": Varied(axes=("feature",)),
    "bn_param.running_var": Varied(axes=("feature",)),
}
_IMAGES = {"X": Varied(axes=("example",))}
_WEIGHTS = {"w": Varied(axes=("row",)), "dw1": Varied(axes=("row",))}

affine = Forward(
    question="affine-forward",
    function="layers:affine_forward",
    arguments=("x", "w", "b"),
    cache=("x", "w", "b"),
    varies=_UNITS,
    published=(published.AFFINE_FORWARD,),
    published_points=1,
    cases=(Case("values", "Output for inputs of any shape", draw.affine(), 3, _OUT),),
)

affine_backward = Backward(
    question="affine-backward",
    function="layers:affine_backward",
    forward=affine,
    wrt=("x", "w", "b"),
    cases=(Case("values", "Gradients of all three inputs", draw.affine(), 4, ("dx", "dw", "db")),),
    gradient_points=2,
)

relu = Forward(
    question="relu-forward",
    function="layers:relu_forward",
    arguments=("x",),
    cache="x",
    varies=_EXAMPLES,
    published=(published.RELU_FORWARD,),
    published_points=0.5,
    cases=(Case("values", "Output for inputs of any shape", draw.relu(), 1.5, _OUT),),
)

relu_backward = Backward(
    question="relu-backward",
    function="layers:relu_backward",
    forward=relu,
    wrt=("x",),
    cases=(Case("values", "Gradient of the input", draw.relu(), 3, ("dx",)),),
    gradient_points=1,
)

_TWO_LAYER = draw.two_layer_net()

two_layer_net = Network(
    question="two-layer-net",
    cls="classifiers.fc_net:TwoLayerNet",
    varies={**_IMAGES, "params.b2": Varied(axes=("class",))},
    published=(published.TWO_LAYER_NET_SCORES, published.TWO_LAYER_NET_LOSS),
    published_points=1,
    initial=(
        Case(
            "initial",
            "First weights: names, shapes, scale, zero biases",
            draw.initial_two_layer_net(),
            2,
            ("params",),
            count=2,
        ),
    ),
    cases=(
        Case("scores", "Class scores", _TWO_LAYER, 2, ("scores",)),
        Case("loss", "Loss without regularization", _TWO_LAYER, 1.5, ("loss",)),
        Case("gradients", "Gradients without regularization", _TWO_LAYER, 3, ("grads",)),
        Case(
            "regularization",
            "Loss and gradients with regularization",
            draw.two_layer_net(reg=True),
            1.5,
            ("loss", "grads", "new_loss"),
        ),
    ),
    slopes=(
        Case(
            "slope",
            "Gradients agree with central differences of your own loss",
            draw.two_layer_net(reg=True),
            1,
            ("W1", "b1", "W2", "b2"),
            needs="gradients",
        ),
    ),
)

# Other years' spellings of the options. `dropout` was the probability of dropping in 2017.
_SPELLINGS = (
    {
        "if": "use_batchnorm",
        "complement": ["dropout"],
        "flag": {"normalization": ["use_batchnorm", "batchnorm"]},
    },
    {"if": "dropout_keep_ratio", "rename": {"dropout": "dropout_keep_ratio"}},
)

_NETWORK = draw.network()
_THREE_LAYERS = ("W1", "b1", "W2", "b2", "W3", "b3")

fully_connected_net = Network(
    question="fully-connected-net",
    cls="classifiers.fc_net:FullyConnectedNet",
    varies=_IMAGES,
    spellings=_SPELLINGS,
    initial=(
        Case(
            "initial",
            "First weights: names, shapes, scale, zero biases, dtype",
            draw.initial_network(),
            3,
            ("params",),
            count=2,
        ),
    ),
    cases=(
        Case(
            "scores", "Class scores, for networks of two to four layers", _NETWORK, 3, ("scores",)
        ),
        Case("loss", "Loss without regularization", _NETWORK, 2, ("loss",)),
        Case("gradients", "Gradients without regularization", _NETWORK, 4, ("grads",)),
        Case(
            "regularization",
            "Loss and gradients with regularization",
            draw.network(reg=True),
            3,
            ("loss", "grads", "new_loss"),
        ),
        Case(
            "depth",
            "Five and six layers",
            draw.deep_network(),
            2,
            ("scores", "loss", "grads"),
        ),
    ),
    slopes=(
        Case(
            "slope",
            "Gradients agree with central differences of your own loss",
            draw.network(depth=3, reg=True),
            1,
            _THREE_LAYERS,
            needs="gradients",
        ),
    ),
)

_STEPS = ("w1", "w2", "w3", "w4")


# Gradients near 1e-7 make epsilon large: its place, and its size. They have a check of their own.
_SMALL = (1e-7,)


def _nothing(shape, seed, scale):
    """Return an empty config, or none at all: a rule's own defaults are asked either way."""
    return {} if seed % 2 else None


sgd_momentum = Rule(
    question="sgd-momentum",
    function="optim:sgd_momentum",
    varies=_WEIGHTS,
    published=(published.SGD_MOMENTUM,),
    published_points=1,
    cases=(
        Case(
            "trajectory",
            "Four steps with a full config",
            draw.update(draw.momentum_state, draw.momentum_config),
            2,
            _STEPS,
        ),
        Case("defaults", "Four steps from the defaults", draw.update(_nothing), 1, _STEPS),
    ),
)

rmsprop = Rule(
    question="rmsprop",
    function="optim:rmsprop",
    varies=_WEIGHTS,
    published=(published.RMSPROP,),
    published_points=1,
    also=("optim:rmsprop_guarded",),
    cases=(
        Case(
            "trajectory",
            "Four steps with a full config",
            draw.update(draw.rmsprop_state, draw.rmsprop_config),
            1.5,
            _STEPS,
            count=20,
        ),
        Case(
            "defaults",
            "Four steps from the defaults",
            draw.update(_nothing),
            0.75,
            _STEPS,
            count=15,
        ),
        Case(
            "small-gradients",
            "Four steps with gradients near 1e-7",
            draw.update(draw.rmsprop_state, draw.rmsprop_config, _SMALL),
            0.75,
            _STEPS,
            count=15,
        ),
    ),
)

adam = Rule(
    question="adam",
    function="optim:adam",
    varies=_WEIGHTS,
    published=(published.ADAM,),
    published_points=1,
    also=("optim:adam_folded", "optim:adam_guarded"),
    cases=(
        Case(
            "trajectory",
            "Four steps with a full config",
            draw.update(draw.adam_state, draw.adam_config),
            3,
            _STEPS,
        ),
        Case("defaults", "Four steps from the defaults", draw.update(_nothing), 1, _STEPS),
        Case(
            "small-gradients",
            "Four steps with gradients near 1e-7",
            draw.update(draw.adam_state, draw.adam_config, _SMALL),
            1,
            _STEPS,
        ),
    ),
)

_AVERAGES = ("running_mean", "running_var")
_BN_STATE = {"bn_param": _AVERAGES}

batchnorm = Forward(
    question="batchnorm-forward",
    function="layers:batchnorm_forward",
    arguments=("x", "gamma", "beta", "bn_param"),
    state=_BN_STATE,
    varies=_FEATURES,
    cases=(
        Case("train", "Output in training mode", draw.batchnorm(), 6, _OUT),
        Case(
            "small-variance",
            "Output in training mode for features that hardly vary, with eps given",
            draw.batchnorm(spread=1e-3, eps=True),
            2,
            _OUT,
        ),
        Case(
            "running",
            "Running averages after a training pass",
            draw.batchnorm(),
            3.5,
            _AVERAGES,
        ),
        Case("test", "Output in test mode", draw.batchnorm(mode="test"), 4, _OUT, count=10),
        Case(
            "test-running",
            "Running averages after a test pass: as before",
            draw.batchnorm(mode="test"),
            0.5,
            _AVERAGES,
            count=5,
            needs="running",
        ),
        Case(
            "test-eps",
            "Output in test mode with eps given",
            draw.batchnorm(mode="test", eps=True),
            1,
            _OUT,
            count=10,
        ),
    ),
)

_BN_WRT = ("x", "gamma", "beta")
_BN_GRADIENTS = ("dx", "dgamma", "dbeta")

batchnorm_backward = Backward(
    question="batchnorm-backward",
    function="layers:batchnorm_backward",
    forward=batchnorm,
    wrt=_BN_WRT,
    cases=(Case("values", "Gradients of all three inputs", draw.batchnorm(), 17, _BN_GRADIENTS),),
    gradient_points=4,
)

batchnorm_backward_alt = Backward(
    question="batchnorm-backward-alt",
    function="layers:batchnorm_backward_alt",
    forward=batchnorm,
    wrt=_BN_WRT,
    cases=(Case("values", "Gradients of all three inputs", draw.batchnorm(), 7, _BN_GRADIENTS),),
    gradient_points=2,
)

layernorm = Forward(
    question="layernorm-forward",
    function="layers:layernorm_forward",
    arguments=("x", "gamma", "beta", "ln_param"),
    varies=_FEATURES,
    cases=(
        Case("values", "Output", draw.layernorm(), 7, _OUT),
        Case(
            "small-variance",
            "Output for examples that hardly vary, with eps given",
            draw.layernorm(spread=1e-3, eps=True),
            2,
            _OUT,
        ),
    ),
)

layernorm_backward = Backward(
    question="layernorm-backward",
    function="layers:layernorm_backward",
    forward=layernorm,
    wrt=_BN_WRT,
    cases=(Case("values", "Gradients of all three inputs", draw.layernorm(), 10, _BN_GRADIENTS),),
    gradient_points=3,
)

_BATCHNORM_NET = draw.network(norm="batchnorm")
_LAYERNORM_NET = draw.network(norm="layernorm")
_THREE_NORMALIZED = ("W1", "gamma1", "beta1", "W2", "gamma2", "beta2", "W3", "b3")

normalized_net = Network(
    question="fully-connected-net-normalization",
    cls="classifiers.fc_net:FullyConnectedNet",
    varies=_IMAGES,
    spellings=_SPELLINGS,
    published=(published.NORMALIZED_NET_LOSS,),
    published_points=1,
    initial=(
        Case(
            "initial",
            "First gammas are one and first betas zero",
            draw.initial_normalized(),
            1,
            ("params",),
            count=4,
        ),
    ),
    cases=(
        Case("batchnorm-loss", "Training loss with batchnorm", _BATCHNORM_NET, 2, ("loss",)),
        Case("batchnorm-gradients", "Gradients with batchnorm", _BATCHNORM_NET, 3, ("grads",)),
        Case(
            "parameters",
            "Each parameter has a gradient",
            _BATCHNORM_NET,
            1,
            ("params", "grads"),
            needs="batchnorm-gradients",
        ),
        Case("batchnorm-test", "Test scores with batchnorm", _BATCHNORM_NET, 2, ("scores",)),
        Case("layernorm-loss", "Training loss with layernorm", _LAYERNORM_NET, 2, ("loss",)),
        Case("layernorm-gradients", "Gradients with layernorm", _LAYERNORM_NET, 2, ("grads",)),
        # Regularized gammas and betas, and layer norm's test scores: nothing else asks. How the
        # weights are regularized is another question's.
        Case(
            "batchnorm-regularization",
            "Gradients of gamma and beta with batchnorm and regularization",
            draw.network(reg=True, norm="batchnorm"),
            0.75,
            ("grads.gamma", "grads.beta"),
        ),
        Case(
            "layernorm-regularization",
            "Test scores, gradients of gamma and beta with layernorm and regularization",
            draw.network(reg=True, norm="layernorm"),
            0.75,
            ("grads.gamma", "grads.beta", "scores"),
        ),
        Case(
            "penalty",
            "Gammas and betas add nothing to the regularized loss",
            draw.network_of_norms(),
            0.5,
            ("loss",),
            count=4,
            needs="batchnorm-loss",
        ),
    ),
    slopes=(
        Case(
            "batchnorm-slope",
            "Gradients with batchnorm agree with central differences of your own loss",
            draw.network(depth=3, norm="batchnorm"),
            0.5,
            _THREE_NORMALIZED,
            needs="batchnorm-gradients",
        ),
        Case(
            "layernorm-slope",
            "Gradients with layernorm agree with central differences of your own loss",
            draw.network(depth=3, norm="layernorm"),
            0.5,
            _THREE_NORMALIZED,
            needs="layernorm-gradients",
        ),
    ),
)

_DROPOUT = draw.dropout()

dropout = Mask(
    question="dropout-forward",
    function="layers:dropout_forward",
    param="dropout_param",
    varies=_EXAMPLES,
    cache=("dropout_param", "mask"),
    cases=(
        Case("mask", "Each value is dropped or scaled up", _DROPOUT, 18, _OUT, count=4),
        Case("seeded", "One seed gives one mask", _DROPOUT, 4, _OUT, 4, needs="mask"),
        Case("test", "Test mode changes nothing", draw.dropout("test"), 8, _OUT, 3, needs="mask"),
    ),
    backward="layers:dropout_backward",
    backward_question="dropout-backward",
    backward_cases=(
        Case("mask", "Gradients go through the same mask", draw.dropout(), 16, ("dx",), count=6),
        Case(
            "test",
            "Test mode passes gradients on",
            draw.dropout("test"),
            4,
            ("dx",),
            3,
            needs="mask",
        ),
    ),
)

_MASKED_NET = draw.masked_network()
_LOSS_AND_GRADIENTS = ("loss", "grads")

dropout_net = DropoutNetwork(
    question="fully-connected-net-dropout",
    cls="classifiers.fc_net:FullyConnectedNet",
    # The given masks stay as they are, whatever the probability.
    varies={**_IMAGES, "options.dropout": Varied(range="fixed")},
    forward="layers:dropout_forward",
    backward="layers:dropout_backward",
    spellings=_SPELLINGS,
    cases=(
        Case("masked-loss", "Training loss with given masks", _MASKED_NET, 7, ("loss",), 10),
        Case("masked-gradients", "Gradients with given masks", _MASKED_NET, 9, ("grads",), 10),
        Case(
            "calls",
            "Dropout gets the network's probability and seed",
            _MASKED_NET,
            3,
            ("calls",),
            10,
            needs="masked-loss",
        ),
        Case(
            "test",
            "Test scores don't depend on dropout",
            _MASKED_NET,
            7,
            ("scores",),
            10,
            needs="masked-loss",
        ),
        Case(
            "masked-regularization",
            "Loss and gradients with given masks and regularization",
            draw.masked_network(reg=True),
            2,
            _LOSS_AND_GRADIENTS,
            5,
            needs="masked-gradients",
        ),
        Case(
            "masked-batchnorm",
            "Loss and gradients with given masks and batchnorm",
            draw.masked_network(norm="batchnorm"),
            1,
            _LOSS_AND_GRADIENTS,
            5,
            needs="masked-gradients",
        ),
        Case(
            "masked-layernorm",
            "Loss and gradients with given masks and layernorm",
            draw.masked_network(norm="layernorm"),
            1,
            _LOSS_AND_GRADIENTS,
            5,
            needs="masked-gradients",
        ),
    ),
    own=Case(
        "own",
        "Loss and gradients are those of the masks that your own dropout draws",
        draw.own_network(),
        5,
        _LOSS_AND_GRADIENTS,
        count=3,
    ),
    kinds={
        "masked-loss": "plain",
        "masked-gradients": "plain",
        "calls": "plain",
        "masked-regularization": "regularized",
        "masked-batchnorm": "normalized",
        "masked-layernorm": "normalized",
    },
)

ROWS = (
    affine,
    affine_backward,
    relu,
    relu_backward,
    two_layer_net,
    fully_connected_net,
    sgd_momentum,
    rmsprop,
    adam,
    batchnorm,
    batchnorm_backward,
    batchnorm_backward_alt,
    layernorm,
    layernorm_backward,
    normalized_net,
    dropout,
    dropout_net,
)
