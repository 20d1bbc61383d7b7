"""The stand-in: of CIFAR-10's layout, repeatable, and hard enough to tell models apart."""

import numpy as np
import pytest

from cs682 import synthetic
from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs682.data_utils import load_data
from cs682.solver import Solver


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The stand-in, as the notebook gets it."""
    return load_data(tmp_path_factory.mktemp("none"))


def test_the_layout_is_that_of_the_data_set(data):
    """Keys, shapes and dtypes are CIFAR-10's, and the mean training image is subtracted."""
    sizes = {"train": 5000, "val": 500, "test": 500}
    assert list(data) == [f"{kind}_{part}" for part in sizes for kind in "Xy"]
    for part, size in sizes.items():
        assert data[f"X_{part}"].shape == (size, 3, 32, 32)
        assert data[f"X_{part}"].dtype == np.float64
        assert data[f"y_{part}"].shape == (size,)
        assert data[f"y_{part}"].dtype == np.int64
        assert set(data[f"y_{part}"]) == set(range(10))
    assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-10


def test_a_seed_is_an_image_set(data):
    """One seed gives the same images, another others, and the parts share none."""
    X, y = synthetic.images(40, seed=5)
    again, labels = synthetic.images(40, seed=5)
    assert X.dtype == np.uint8
    assert np.array_equal(X, again)
    assert np.array_equal(y, labels)
    other, _ = synthetic.images(40, seed=6)
    assert not (other == X).all(axis=(1, 2, 3)).any()
    parts = np.concatenate([data["X_train"], data["X_val"], data["X_test"]])
    assert len({image.tobytes() for image in parts}) == len(parts)


def test_the_global_generator_is_left_alone():
    """The notebook's stream of draws doesn't depend on which data it has."""
    np.random.seed(231)
    expected = np.random.rand()
    np.random.seed(231)
    synthetic.images(10, seed=0)
    assert np.random.rand() == expected


def trained(model, data, learning_rate):
    """Train by the published recipe of the two-layer net; return the solver."""
    solver = Solver(
        model,
        data,
        optim_config={"learning_rate": learning_rate},
        lr_decay=0.95,
        num_epochs=20,
        batch_size=400,
        num_train_samples=100,
        verbose=False,
    )
    solver.train()
    return solver


@pytest.fixture(scope="module")
def two_layers(data):
    """A two-layer net after training."""
    np.random.seed(0)
    return trained(TwoLayerNet(), data, 1e-3)


def test_a_hidden_layer_pays(data, two_layers):
    """A linear model is above chance and stays below 0.45; two layers get above 0.5."""
    linear = trained(FullyConnectedNet([], weight_scale=1e-4), data, 2e-6).best_val_acc
    assert 0.25 < linear < 0.45
    assert two_layers.best_val_acc > 0.5
    assert two_layers.best_val_acc > linear + 0.1


def test_other_images_are_of_the_same_classes(data, two_layers):
    """A network trained on one seed's images knows another seed's as well."""
    mine = two_layers.check_accuracy(data["X_test"], data["y_test"])
    images, labels = synthetic.images(500, seed=12345)
    mean = synthetic.images(5500, seed=0)[0][:5000].mean(axis=0)
    assert abs(two_layers.check_accuracy(images - mean, labels) - mine) < 0.12
