# /// script
# dependencies = ["sympy", "networkx", "gmpy2", "mpmath", "python-flint"]
# [tool.mempip]
# container = true
# ///
"""Algebra and graphs: backends by entry points, code that is printed and run, numbers in C."""

import gmpy2
import networkx as nx
import sympy as sp
from flint import fmpz_poly

x = sp.symbols("x")
print(sp.integrate(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)), sp.solve(x**2 - 2, x), sp.factor(x**4 - 1))
print(sp.lambdify(x, sp.sin(x) ** 2, "math")(1.0), sp.N(sp.pi, 30), sp.latex(sp.sqrt(x)))
print(gmpy2.next_prime(10**20), gmpy2.mpz(3) ** 50, fmpz_poly([1, 2, 1]).factor())
graph = nx.karate_club_graph()
print(nx.shortest_path(graph, 0, 33), nx.diameter(graph))
print(
    list(nx.topological_sort(nx.DiGraph([(1, 2), (2, 3)]))), nx.is_isomorphic(nx.cycle_graph(4), nx.grid_graph([2, 2]))
)
print(len(nx.graph_atlas_g()), "networkx" in nx.utils.backends.backends)
