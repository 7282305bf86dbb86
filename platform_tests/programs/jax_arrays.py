# /// script
# dependencies = ["jax"]
# ///
"""Arrays that are compiled: large libraries in one package, plugins by entry points and namespace packages."""

import os

os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
import numpy as np


def loss(weights, x):
    return jnp.sum(jnp.tanh(x @ weights) ** 2)


x = jnp.asarray(np.arange(6.0).reshape(2, 3) / 10)
print(jax.devices()[0].platform, round(float(jax.jit(loss)(jnp.ones(3), x)), 5))
print(jax.grad(loss)(jnp.ones(3), x).round(4).tolist(), jax.vmap(lambda row: row.sum())(x).round(2).tolist())
print(
    np.asarray(jax.random.normal(jax.random.key(0), (2,))).round(4).tolist(), jnp.linalg.eigvalsh(jnp.eye(2)).tolist()
)
