"""What is checked: one row for each function or class.

Points are shares of the question's points in the manifest; a test adds them up.
"""

from grader.kinds.dropout import Mask
from grader.kinds.layers import Backward, Forward
from grader.kinds.networks import Network
from grader.kinds.proof import Case
from grader.kinds.update_rules import Rule

from . import published
from . import strategies as draw

_OUT = ("out",)

affine = Forward(
    question="affine-forward",
    function="layers:affine_forward",
    arguments=("x", "w", "b"),
    cache=("x", "w", "b"),
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


# Gradients near 1e-7 are where epsilon shows: its place, and its default.
_SMALL = (1e-7,)
_BOTH = (1.0, 1e-7)


def _rule(question, function, state, config, figures, scales, small):
    return Rule(
        question=question,
        function=function,
        published=(figures,),
        published_points=1,
        cases=(
            Case(
                "trajectory",
                "Four steps with a full config",
                draw.update(state, config, scales),
                2,
                _STEPS,
            ),
            Case(
                "defaults",
                "Four steps from the defaults",
                draw.update(lambda shape, seed, scale: {}, scales=small),
                1,
                _STEPS,
            ),
        ),
    )


sgd_momentum = _rule(
    "sgd-momentum",
    "optim:sgd_momentum",
    draw.momentum_state,
    draw.momentum_config,
    published.SGD_MOMENTUM,
    scales=(1.0,),
    small=(1.0,),
)

rmsprop = _rule(
    "rmsprop",
    "optim:rmsprop",
    draw.rmsprop_state,
    draw.rmsprop_config,
    published.RMSPROP,
    scales=_BOTH,
    small=_SMALL,
)

# Adam's default t is 0, in one year's starter code 1: it is always given.
adam = Rule(
    question="adam",
    function="optim:adam",
    published=(published.ADAM,),
    published_points=1,
    also=("optim:adam_folded",),
    cases=(
        Case(
            "trajectory",
            "Four steps with a full config",
            draw.update(draw.adam_state, draw.adam_config),
            3,
            _STEPS,
        ),
        Case(
            "defaults",
            "Four steps from the defaults",
            draw.update(lambda shape, seed, scale: {"t": 0}, scales=_BOTH),
            1,
            _STEPS,
        ),
        Case(
            "small-gradients",
            "Four steps with gradients near 1e-7",
            draw.update(draw.adam_state, draw.adam_config, _SMALL),
            1,
            _STEPS,
        ),
    ),
)

_BN_STATE = {"bn_param": ("running_mean", "running_var")}

batchnorm = Forward(
    question="batchnorm-forward",
    function="layers:batchnorm_forward",
    arguments=("x", "gamma", "beta", "bn_param"),
    state=_BN_STATE,
    cases=(
        Case("train", "Output in training mode", draw.batchnorm(), 6, _OUT),
        Case(
            "small-variance",
            "Output in training mode for features that hardly vary",
            draw.batchnorm(spread=1e-3),
            2,
            _OUT,
        ),
        Case(
            "running",
            "Running averages after a training pass",
            draw.batchnorm(),
            4,
            ("running_mean", "running_var"),
        ),
        Case("test", "Output in test mode", draw.batchnorm(mode="test"), 5, _OUT),
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
    cases=(
        Case("values", "Output", draw.layernorm(), 7, _OUT),
        Case(
            "small-variance",
            "Output for examples that hardly vary",
            draw.layernorm(spread=1e-3),
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
            1,
            ("grads.gamma", "grads.beta"),
        ),
        Case(
            "layernorm-regularization",
            "Test scores, gradients of gamma and beta with layernorm and regularization",
            draw.network(reg=True, norm="layernorm"),
            1,
            ("grads.gamma", "grads.beta", "scores"),
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

dropout = Mask(
    question="dropout-forward",
    function="layers:dropout_forward",
    param="dropout_param",
    cases=(
        Case("mask", "Each value is dropped or scaled up", draw.dropout(), 18, _OUT, count=6),
        Case("seeded", "One seed gives one mask", draw.dropout(), 4, _OUT, 3, needs="mask"),
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

dropout_net = Network(
    question="fully-connected-net-dropout",
    cls="classifiers.fc_net:FullyConnectedNet",
    spellings=_SPELLINGS,
    cases=(
        Case(
            "test",
            "Test scores don't depend on dropout",
            draw.seeded_network(),
            9,
            ("scores",),
            needs="dropped",
        ),
        # Gradients that are held against one's own loss alone could be those of any function.
        Case(
            "hardly-dropped",
            "Loss and gradients where next to nothing is dropped",
            draw.hardly_dropping_network(),
            0,
            ("loss", "grads"),
            count=6,
        ),
    ),
    dropped=(
        Case(
            "dropped",
            "Hidden units are dropped or scaled up while training",
            draw.dropped_network(),
            8,
            ("W2", "b2"),
            count=6,
            needs="hardly-dropped",
        ),
        # A network that drops behind its last hidden layer alone passes all else.
        Case(
            "dropped-twice",
            "Units of both hidden layers are dropped or scaled up while training",
            draw.twice_dropped_network(),
            5,
            ("W3", "b3"),
            count=3,
            needs="hardly-dropped",
        ),
    ),
    slopes=(
        Case(
            "slope",
            "Gradients agree with central differences of your own seeded loss",
            draw.seeded_network(),
            13,
            _THREE_LAYERS,
            needs="dropped",
        ),
    ),
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
