# /// script
# dependencies = ["casadi"]
# ///
"""Solvers that are plugins: libraries that a library opens by path."""

import casadi

x = casadi.SX.sym("x")
options = {"ipopt.print_level": 0, "print_time": False, "ipopt.sb": "yes"}
solve = casadi.nlpsol("solve", "ipopt", {"x": x, "f": (x - 3) ** 2}, options)
print(round(float(solve(x0=0)["x"]), 6), casadi.jacobian(x**2, x))
