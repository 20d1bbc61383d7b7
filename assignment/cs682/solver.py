"""Training: batches, update rules, histories, and the best parameters on the way."""

import numpy as np

from . import optim


class Solver:
    """Train a model by stochastic gradient descent, or by a rule that refines it.

    The model has ``params``, a dict of arrays, and ``loss(X, y)``, which returns the loss and a
    dict of gradients with the keys of ``params``; ``loss(X)`` returns the scores (N, C). ::

        solver = Solver(model, data, update_rule="sgd", optim_config={"learning_rate": 1e-3})
        solver.train()

    What training leaves behind: ``loss_history``, a loss for each step; ``train_acc_history`` and
    ``val_acc_history``, accuracies in [0, 1] before the first epoch and after each; and
    ``best_val_acc`` with its ``best_params``, which the model has at the end.
    """

    #: A method that is asked whenever accuracies are noted: training ends early if it returns True.
    should_stop = None

    def __init__(
        self,
        model,
        data,
        *,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        print_every=10,
        verbose=True,
        **unknown,
    ):
        """Prepare to train the model on data.

        data: X_train (N, d_1, ..., d_k), y_train (N,), X_val and y_val. update_rule: the name of
        a function in ``optim``; optim_config: its hyperparameters, such as ``learning_rate``.
        lr_decay: what multiplies the learning rate after each epoch. batch_size: examples in a
        step; num_epochs: how often training goes through N examples. num_train_samples,
        num_val_samples: how many examples an accuracy is measured on (None: all). print_every:
        steps between two printed losses; verbose: whether anything is printed at all.
        Raises ValueError for an option or an update rule that doesn't exist.
        """
        if unknown:
            raise ValueError(f"Solver has no option {', '.join(sorted(unknown))}")
        if not callable(getattr(optim, update_rule, None)):
            raise ValueError(f"optim has no update rule {update_rule!r}")
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]
        self.update_rule = getattr(optim, update_rule)
        self.lr_decay = lr_decay
        self.batch_size = batch_size
        self.num_epochs = num_epochs
        self.num_train_samples = num_train_samples
        self.num_val_samples = num_val_samples
        self.print_every = print_every
        self.verbose = verbose

        self.epoch = 0
        self.loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []
        self.best_val_acc = 0
        self.best_params = {}
        # A rule keeps its state in its config, so each parameter has one of its own.
        self.optim_configs = {name: dict(optim_config or {}) for name in model.params}

    def step(self):
        """Draw one batch, and update every parameter by its gradient of the batch's loss."""
        drawn = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[drawn], self.y_train[drawn])
        self.loss_history.append(loss)
        params = self.model.params
        for name in params:
            config = self.optim_configs[name]
            params[name], self.optim_configs[name] = self.update_rule(
                params[name], grads[name], config
            )

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Return the share of X (N, d_1, ..., d_k) whose highest score is that of its label y (N,).

        With num_samples below N, that many examples are drawn (with replacement) and scored
        instead of all. batch_size bounds the memory that scoring takes.
        """
        N = len(X)
        if num_samples is not None and num_samples < N:
            drawn = np.random.choice(N, num_samples)
            X, y = X[drawn], y[drawn]
        right = 0
        for start in range(0, len(X), batch_size):
            batch = slice(start, start + batch_size)
            right += np.count_nonzero(self.model.loss(X[batch]).argmax(axis=1) == y[batch])
        return right / len(X)

    def train(self):
        """Train for ``num_epochs`` epochs, then give the model the best parameters met."""
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        num_steps = self.num_epochs * steps_per_epoch
        for t in range(num_steps):
            self.step()
            if self.verbose and t % self.print_every == 0:
                print(f"(Iteration {t + 1} / {num_steps}) loss: {self.loss_history[-1]:f}")
            epoch_ends = (t + 1) % steps_per_epoch == 0
            if epoch_ends:
                self.epoch += 1
                for config in self.optim_configs.values():
                    config["learning_rate"] *= self.lr_decay
            if t == 0 or epoch_ends:  # the last step ends an epoch
                self._measure()
                if t + 1 < num_steps and self.should_stop is not None and self.should_stop():
                    break
        if self.best_params:
            self.model.params = _copied(self.best_params)

    def _measure(self):
        """Note both accuracies, and the parameters where they are the best so far."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        if self.verbose:
            print(
                f"(Epoch {self.epoch} / {self.num_epochs}) "
                f"train acc: {train_acc:f}; val_acc: {val_acc:f}"
            )
        if not self.best_params or val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = _copied(self.model.params)


def _copied(params):
    """Return a copy that goes on as it is when a rule updates an array in place."""
    return {name: value.copy() for name, value in params.items()}
