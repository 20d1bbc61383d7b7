"""The student's own helpers: a hidden layer as one pair of functions."""

from .layers import *


def hidden_forward(x, w, b, gamma, beta, norm, norm_param, dropout_param):
    a, affine = affine_forward(x, w, b)
    normed = dropped = None
    if norm == "batchnorm":
        a, normed = batchnorm_forward(a, gamma, beta, norm_param)
    if norm == "layernorm":
        a, normed = layernorm_forward(a, gamma, beta, norm_param)
    out, relu = relu_forward(a)
    if dropout_param:
        out, dropped = dropout_forward(out, dropout_param)
    return out, (affine, normed, relu, dropped, norm)


def hidden_backward(dout, cache):
    affine, normed, relu, dropped, norm = cache
    dgamma = dbeta = None
    if dropped is not None:
        dout = dropout_backward(dout, dropped)
    da = relu_backward(dout, relu)
    if norm == "batchnorm":
        da, dgamma, dbeta = batchnorm_backward(da, normed)
    if norm == "layernorm":
        da, dgamma, dbeta = layernorm_backward(da, normed)
    return (*affine_backward(da, affine), dgamma, dbeta)
