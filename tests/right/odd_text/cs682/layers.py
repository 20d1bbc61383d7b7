# -*- coding: utf-8 -*-
import numpy as np


def affine_forward(x, w, b):
	N = x.shape[0]
	X = \
  x.reshape(N, -1)
	return X.dot(w) + b, (x, w, b)


def affine_backward(dout, cache):
	x, w, b = cache
	if True:
		dx = (
	dout.dot(w.T)
)\
.reshape(x.shape)
	return dx, x.reshape(len(x), -1).T.dot(dout), dout.sum(0); pass


def relu_forward(x): return np.maximum(x, 0), x
def relu_backward(dout, cache): return dout * (cache > 0)


def batchnorm_forward(x, γ, β, bn_param):
  """Größe, 平均, среднее."""
  ε, α = bn_param.get("eps", 1e-5), bn_param.get("momentum", .9)
  μ, σ2 = bn_param.get("running_mean", 0*x[0]), bn_param.get("running_var", 0*x[0])
  if bn_param["mode"] == "test": return γ*(x - μ)/np.sqrt(σ2 + ε) + β, None
  m, v = x.mean(0), x.var(0)
  bn_param["running_mean"] = α*μ + (1 - α)*m; bn_param["running_var"] = α*σ2 + (1 - α)*v
  σ = np.sqrt(v + ε); x̂ = (x - m)/σ
  return γ*x̂ + β, (x̂, σ, γ)


def batchnorm_backward(dout, cache):
      x̂, σ, γ = cache
      dγ, dβ = (dout*x̂).sum(0), dout.sum(0)
      return γ/σ*(dout - dβ/len(dout) - x̂*dγ/len(dout)), dγ, dβ


batchnorm_backward_alt = batchnorm_backward


def layernorm_forward(x, γ, β, ln_param):
    ε = ln_param.get("eps", 1e-5)
    σ = np.sqrt(x.var(1) + ε)[:, None]; x̂ = (x - x.mean(1)[:, None])/σ
    return γ*x̂ + β, (x̂, σ, γ)


def layernorm_backward(dout, cache):
    x̂, σ, γ = cache; δ = dout*γ
    return ((δ - δ.mean(1)[:, None] - x̂*(δ*x̂).mean(1)[:, None])/σ, (dout*x̂).sum(0), dout.sum(0))


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param: np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test": return x, None
    mask = (np.random.rand(*x.shape) < dropout_param["p"])/dropout_param["p"]; return x*mask, mask


def dropout_backward(dout, cache): return dout if cache is None else dout*cache
