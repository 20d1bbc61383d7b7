BEGIN TRANSACTION;
CREATE TABLE about (
  name text primary key,
  value text not null
);
INSERT INTO "about" VALUES('assignment','fully-connected-nets');
INSERT INTO "about" VALUES('run','process 1 on a machine');
CREATE TABLE adjustments (
  id text primary key,
  submission text not null,
  question text not null,
  check_id text not null,
  change text not null,
  points real,
  reason text not null,
  by text not null,
  at text not null
);
INSERT INTO "adjustments" VALUES('c0ffee','ada','','','add',-1.0,'named a variable after the tutor','root','2026-11-28T10:00:00+00:00');
CREATE TABLE answers (
  id text primary key,
  submission text not null,
  question text not null,
  answer text not null,
  points real not null
);
INSERT INTO "answers" VALUES('w119b78e2a136','ada','inline-1','f604ab4fbac4',3.0);
INSERT INTO "answers" VALUES('w3db68c084f7f','ada','inline-2','cd7734865a3f',3.0);
INSERT INTO "answers" VALUES('waa2ceace22c4','ada','inline-3','739e6c0c76a2',3.0);
CREATE TABLE appeals (
  id text primary key,
  code text not null,
  submission text not null,
  question text not null,
  objection text not null,
  decision text not null,
  by text not null,
  at text not null
);
CREATE TABLE flags (
  submission text not null,
  question text not null,
  by text not null,
  why text not null,
  at text not null,
  primary key (submission, question)
);
CREATE TABLE judgements (
  submission text not null,
  question text not null,
  answer text not null,
  by text not null,
  items text not null,
  adjustment real not null,
  comment text not null,
  at text not null,
  primary key (submission, question, answer, by)
);
CREATE TABLE likeness (
  question text not null,
  answer text not null,
  member text not null,
  primary key (question, answer)
);
CREATE TABLE log (
  number integer primary key,
  at text not null,
  who text not null,
  what text not null,
  submission text not null,
  question text not null,
  why text not null
);
CREATE TABLE manual (
  submission text not null,
  question text not null,
  answer text not null,
  score real not null,
  comment text not null,
  primary key (submission, question, answer)
);
INSERT INTO "manual" VALUES('ada','inline-1','f604ab4fbac4',1.0,'old mark 0');
INSERT INTO "manual" VALUES('ada','inline-2','cd7734865a3f',1.0,'old mark 2');
INSERT INTO "manual" VALUES('ada','inline-3','739e6c0c76a2',1.0,'old mark 4');
CREATE TABLE notes (
  id text primary key,
  question text not null,
  cause text not null,
  text text not null,
  by text not null,
  at text not null
);
CREATE TABLE owners (
  submission text primary key,
  about text not null
);
CREATE TABLE pseudonyms (
  submission text primary key,
  pseudonym text not null unique
);
INSERT INTO "pseudonyms" VALUES('ada','Quiet Heron');
CREATE TABLE readings (
  submission text primary key,
  content text not null,
  version text not null,
  reading text not null
);
CREATE TABLE replays (
  code text primary key,
  submission text not null,
  source text not null,
  bytes text not null,
  key text not null,
  settings text not null,
  conditions text not null,
  verdicts text not null
);
INSERT INTO "replays" VALUES('cxmn9zpmcd','ada','ada','98539dcfa109eb308aca69520b1bedbd0c3ceac32dbe59b931c4f4852bed2f8b','sha256:bed61b9e5c74f0aaf8300ed80f4f92de38da2206e938725ceb46e3739c07123d','{"notebooks": [], "kinds": ["code", "written"], "train": "saved", "engine": "cells"}','{"grader": "0.1.0", "isolation": "process", "python": "3.11.7", "numpy": "2.4.6", "machine": "Linux x86_64"}','{"all": "60 of 60, graded", "affine-forward": "4, passed", "affine-forward/affine-forward.published-2": "1, passed", "affine-forward/affine-forward.values": "3, passed", "affine-backward": "6, passed", "affine-backward/affine-backward.values": "4, passed", "affine-backward/affine-backward.gradient": "2, passed", "relu-forward": "2, passed", "relu-forward/relu-forward.published-4": "0.5, passed", "relu-forward/relu-forward.values": "1.5, passed", "relu-backward": "4, passed", "relu-backward/relu-backward.values": "3, passed", "relu-backward/relu-backward.gradient": "1, passed", "inline-1": "0, needs_marking", "two-layer-net": "12, passed", "two-layer-net/two-layer-net.published-11": "0.5, passed", "two-layer-net/two-layer-net.published-12": "0.5, passed", "two-layer-net/two-layer-net.initial": "2, passed", "two-layer-net/two-layer-net.scores": "2, passed", "two-layer-net/two-layer-net.loss": "1.5, passed", "two-layer-net/two-layer-net.gradients": "3, passed", "two-layer-net/two-layer-net.regularization": "1.5, passed", "two-layer-net/two-layer-net.slope": "1, passed", "fully-connected-net": "18, passed", "fully-connected-net/fully-connected-net.initial": "3, passed", "fully-connected-net/fully-connected-net.scores": "3, passed", "fully-connected-net/fully-connected-net.loss": "2, passed", "fully-connected-net/fully-connected-net.gradients": "4, passed", "fully-connected-net/fully-connected-net.regularization": "3, passed", "fully-connected-net/fully-connected-net.depth": "2, passed", "fully-connected-net/fully-connected-net.slope": "1, passed", "inline-2": "0, needs_marking", "sgd-momentum": "4, passed", "sgd-momentum/sgd-momentum.published-21": "1, passed", "sgd-momentum/sgd-momentum.trajectory": "2, passed", "sgd-momentum/sgd-momentum.defaults": "1, passed", "rmsprop": "4, passed", "rmsprop/rmsprop.published-23": "1, passed", "rmsprop/rmsprop.trajectory": "1.5, passed", "rmsprop/rmsprop.defaults": "0.75, passed", "rmsprop/rmsprop.small-gradients": "0.75, passed", "adam": "6, passed", "adam/adam.published-24": "1, passed", "adam/adam.trajectory": "3, passed", "adam/adam.defaults": "1, passed", "adam/adam.small-gradients": "1, passed", "inline-3": "0, needs_marking"}');
INSERT INTO "replays" VALUES('ba8qad5hk4','ada','ada','98539dcfa109eb308aca69520b1bedbd0c3ceac32dbe59b931c4f4852bed2f8b','sha256:a1f36ad978e1e17467b1a6474238ee30f24ac6e12cbf1794f7782093f4e9bc28','{"notebooks": [], "kinds": ["code", "written"], "train": "saved", "engine": "cells"}','{"grader": "0.2.0", "isolation": "process", "python": "3.11.7", "numpy": "2.4.6", "machine": "Linux x86_64"}','{"all": "60 of 60, graded", "affine-forward": "4, passed", "affine-forward/affine-forward.published-2": "1, passed", "affine-forward/affine-forward.values": "3, passed", "affine-backward": "6, passed", "affine-backward/affine-backward.values": "4, passed", "affine-backward/affine-backward.gradient": "2, passed", "relu-forward": "2, passed", "relu-forward/relu-forward.published-4": "0.5, passed", "relu-forward/relu-forward.values": "1.5, passed", "relu-backward": "4, passed", "relu-backward/relu-backward.values": "3, passed", "relu-backward/relu-backward.gradient": "1, passed", "inline-1": "0, needs_marking", "two-layer-net": "12, passed", "two-layer-net/two-layer-net.published-11": "0.5, passed", "two-layer-net/two-layer-net.published-12": "0.5, passed", "two-layer-net/two-layer-net.initial": "2, passed", "two-layer-net/two-layer-net.scores": "2, passed", "two-layer-net/two-layer-net.loss": "1.5, passed", "two-layer-net/two-layer-net.gradients": "3, passed", "two-layer-net/two-layer-net.regularization": "1.5, passed", "two-layer-net/two-layer-net.slope": "1, passed", "fully-connected-net": "18, passed", "fully-connected-net/fully-connected-net.initial": "3, passed", "fully-connected-net/fully-connected-net.scores": "3, passed", "fully-connected-net/fully-connected-net.loss": "2, passed", "fully-connected-net/fully-connected-net.gradients": "4, passed", "fully-connected-net/fully-connected-net.regularization": "3, passed", "fully-connected-net/fully-connected-net.depth": "2, passed", "fully-connected-net/fully-connected-net.slope": "1, passed", "inline-2": "0, needs_marking", "sgd-momentum": "4, passed", "sgd-momentum/sgd-momentum.published-21": "1, passed", "sgd-momentum/sgd-momentum.trajectory": "2, passed", "sgd-momentum/sgd-momentum.defaults": "1, passed", "rmsprop": "4, passed", "rmsprop/rmsprop.published-23": "1, passed", "rmsprop/rmsprop.trajectory": "1.5, passed", "rmsprop/rmsprop.defaults": "0.75, passed", "rmsprop/rmsprop.small-gradients": "0.75, passed", "adam": "6, passed", "adam/adam.published-24": "1, passed", "adam/adam.trajectory": "3, passed", "adam/adam.defaults": "1, passed", "adam/adam.small-gradients": "1, passed", "inline-3": "0, needs_marking"}');
CREATE TABLE results (
  submission text primary key,
  content text not null,
  key text not null,
  grader text not null,
  asked text not null,
  status text not null,
  result text not null
);
INSERT INTO "results" VALUES('ada','sha256:2f7e87e8fae7f154383a31d738351e2ccb91e40343982a6db8b1da8e7e87fb51','sha256:a1f36ad978e1e17467b1a6474238ee30f24ac6e12cbf1794f7782093f4e9bc28','0.2.0','FullyConnectedNets code written','graded','{"assignment": "fully-connected-nets", "submission": "ada", "status": "graded", "score": 60.0, "max_score": 60.0, "pending": 9.0, "notebooks": {"FullyConnectedNets": {"score": 60.0, "max_score": 60.0}}, "isolation": "process", "grader": "0.2.0", "key": "sha256:a1f36ad978e1e17467b1a6474238ee30f24ac6e12cbf1794f7782093f4e9bc28", "content": "sha256:2f7e87e8fae7f154383a31d738351e2ccb91e40343982a6db8b1da8e7e87fb51", "source": "ada", "started": "2026-11-29T10:13:34+00:00", "seconds": {"wall": 0.7198, "cpu": 0.057}, "notes": [], "questions": [{"id": "affine-forward", "notebook": "FullyConnectedNets", "title": "Affine layer: forward", "score": 4.0, "max_score": 4.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "affine-forward.published-2", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 1.0, "max_score": 1.0, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "affine-forward.values", "title": "Output for inputs of any shape", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 8, "found": "id"}]}}, {"id": "affine-backward", "notebook": "FullyConnectedNets", "title": "Affine layer: backward", "score": 6.0, "max_score": 6.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "affine-backward.values", "title": "Gradients of all three inputs", "visibility": "hidden", "status": "passed", "score": 4.0, "max_score": 4, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "affine-backward.gradient", "title": "Agrees with central differences of your own forward pass", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 11, "found": "id"}]}}, {"id": "relu-forward", "notebook": "FullyConnectedNets", "title": "ReLU: forward", "score": 2.0, "max_score": 2.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "relu-forward.published-4", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 0.5, "max_score": 0.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "relu-forward.values", "title": "Output for inputs of any shape", "visibility": "hidden", "status": "passed", "score": 1.5, "max_score": 1.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 14, "found": "id"}]}}, {"id": "relu-backward", "notebook": "FullyConnectedNets", "title": "ReLU: backward", "score": 4.0, "max_score": 4.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "relu-backward.values", "title": "Gradient of the input", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "relu-backward.gradient", "title": "Agrees with central differences of your own forward pass", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 17, "found": "id"}, {"role": "check", "cell": 22, "found": "id"}]}}, {"id": "inline-1", "notebook": "FullyConnectedNets", "title": "Which activations stop the gradient", "score": 0.0, "max_score": 3.0, "status": "needs_marking", "given": [], "notes": [], "checks": [], "evidence": {"answer": "Sigmoid and ReLU. The sigmoid''s derivative $\\sigma(x)(1 - \\sigma(x))$ is at most 1/4 and decays\nlike $e^{-|x|}$, so that inputs of large magnitude on either side (beyond about \u00b15) pass next to\nno gradient. ReLU passes exactly none for a negative input; a unit that is negative on every\nexample no longer learns. A leaky ReLU always passes a share of the gradient, its small slope\non the negative side, so it has the trouble nowhere unless that slope is chosen close to zero.", "cell": 20, "found": "id"}}, {"id": "two-layer-net", "notebook": "FullyConnectedNets", "title": "Two-layer network", "score": 12.0, "max_score": 12.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "two-layer-net.published-11", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 0.5, "max_score": 0.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.published-12", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 0.5, "max_score": 0.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.initial", "title": "First weights: names, shapes, scale, zero biases", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.scores", "title": "Class scores", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.loss", "title": "Loss without regularization", "visibility": "hidden", "status": "passed", "score": 1.5, "max_score": 1.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.gradients", "title": "Gradients without regularization", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.regularization", "title": "Loss and gradients with regularization", "visibility": "hidden", "status": "passed", "score": 1.5, "max_score": 1.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "two-layer-net.slope", "title": "Gradients agree with central differences of your own loss", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 28, "found": "id"}, {"role": "check", "cell": 30, "found": "id"}, {"role": "check", "cell": 32, "found": "id"}, {"role": "check", "cell": 34, "found": "id"}]}}, {"id": "fully-connected-net", "notebook": "FullyConnectedNets", "title": "Network of any depth", "score": 18.0, "max_score": 18.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "fully-connected-net.initial", "title": "First weights: names, shapes, scale, zero biases, dtype", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.scores", "title": "Class scores, for networks of two to four layers", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.loss", "title": "Loss without regularization", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.gradients", "title": "Gradients without regularization", "visibility": "hidden", "status": "passed", "score": 4.0, "max_score": 4, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.regularization", "title": "Loss and gradients with regularization", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.depth", "title": "Five and six layers", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "fully-connected-net.slope", "title": "Gradients agree with central differences of your own loss", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 43, "found": "id"}, {"role": "check", "cell": 45, "found": "id"}]}}, {"id": "inline-2", "notebook": "FullyConnectedNets", "title": "Depth and the scale of the first weights", "score": 0.0, "max_score": 3.0, "status": "needs_marking", "given": [], "notes": [], "checks": [], "evidence": {"answer": "The five-layer network. Each affine layer multiplies the size of what passes through it by a\nfactor proportional to the weight scale $s$, in the forward pass and again in the backward pass,\nso that scores and gradients vary roughly like a power of $s$ that grows with the depth: a factor\nof two in $s$ is a factor of 8 in the scores of three layers and of 32 in those of five. A scale\na little too small lets the signal and its gradients die out; one a little too large makes them\nexplode. The band of scales that train is therefore much narrower for the deeper network, and\nthe learning rates that go with it change more quickly.", "cell": 52, "found": "id"}}, {"id": "sgd-momentum", "notebook": "FullyConnectedNets", "title": "SGD with momentum", "score": 4.0, "max_score": 4.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "sgd-momentum.published-21", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 1.0, "max_score": 1.0, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "sgd-momentum.trajectory", "title": "Four steps with a full config", "visibility": "hidden", "status": "passed", "score": 2.0, "max_score": 2, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "sgd-momentum.defaults", "title": "Four steps from the defaults", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 54, "found": "id"}, {"role": "plot", "cell": 57, "found": "id"}]}}, {"id": "rmsprop", "notebook": "FullyConnectedNets", "title": "RMSProp", "score": 4.0, "max_score": 4.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "rmsprop.published-23", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 1.0, "max_score": 1.0, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "rmsprop.trajectory", "title": "Four steps with a full config", "visibility": "hidden", "status": "passed", "score": 1.5, "max_score": 1.5, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "rmsprop.defaults", "title": "Four steps from the defaults", "visibility": "hidden", "status": "passed", "score": 0.75, "max_score": 0.75, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "rmsprop.small-gradients", "title": "Four steps with gradients near 1e-7", "visibility": "hidden", "status": "passed", "score": 0.75, "max_score": 0.75, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 59, "found": "id"}]}}, {"id": "adam", "notebook": "FullyConnectedNets", "title": "Adam", "score": 6.0, "max_score": 6.0, "status": "passed", "given": [], "notes": [], "checks": [{"id": "adam.published-24", "title": "The notebook''s own figures", "visibility": "published", "status": "passed", "score": 1.0, "max_score": 1.0, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "adam.trajectory", "title": "Four steps with a full config", "visibility": "hidden", "status": "passed", "score": 3.0, "max_score": 3, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "adam.defaults", "title": "Four steps from the defaults", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}, {"id": "adam.small-gradients", "title": "Four steps with gradients near 1e-7", "visibility": "hidden", "status": "passed", "score": 1.0, "max_score": 1, "stage": null, "message": "", "evidence": {}, "diagnosis": null, "nearly": false, "outputs": []}], "evidence": {"cells": [{"role": "check", "cell": 62, "found": "id"}, {"role": "plot", "cell": 65, "found": "id"}]}}, {"id": "inline-3", "notebook": "FullyConnectedNets", "title": "Why AdaGrad slows down", "score": 0.0, "max_score": 3.0, "status": "needs_marking", "given": [], "notes": [], "checks": [], "evidence": {"answer": "AdaGrad''s cache is a sum of squares over the whole run: it never falls, and with gradients of\nsteady size it grows in proportion to the number of steps, so that the effective learning rate\nfalls like one over the root of that number however far the minimum still is. Adam divides by the\nroot of an exponentially weighted average instead. It forgets old gradients, levels off at their\nrecent mean square and falls again when gradients do, so the steps stay of the order of the\nlearning rate: Adam doesn''t have this trouble.", "cell": 67, "found": "id"}}], "schema": "grader/result/v1", "engine": "cells", "versions": {"python": "3.11.7", "numpy": "2.4.6", "machine": "Linux x86_64"}, "replay": "ba8qad5hk4"}');
CREATE TABLE roster (
  number integer primary key,
  person text not null
);
CREATE TABLE rubric (
  id text primary key,
  question text not null,
  position integer not null,
  text text not null,
  points real not null
);
CREATE TABLE sources (
  submission text primary key,
  identity text not null unique
);
INSERT INTO "sources" VALUES('ada','["/class/ada", "", 0]');
CREATE TABLE undo (
  number integer primary key,
  by text not null,
  at text not null,
  before text not null
);
CREATE TABLE written (
  submission text primary key,
  told text not null,
  page text not null
);
INSERT INTO "written" VALUES('ada','665eb163e589593d0078f81fb04bdd0cadd3f2ace84876c6d2c507a6b8fb65c8','76d62425741d727f4cd5a21d9586116d0893fc21b963f54e71e893b4d2e5ff9b');
COMMIT;
PRAGMA user_version = 4;
