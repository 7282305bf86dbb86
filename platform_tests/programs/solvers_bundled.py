# /// script
# dependencies = ["pulp<4", "z3-solver"]
# ///
"""A solver that is a packaged executable, and one that is a library loaded by path."""

import pulp
import z3

problem = pulp.LpProblem("tea", pulp.LpMaximize)
green, black = pulp.LpVariable("green", 0, 4), pulp.LpVariable("black", 0, cat="Integer")
problem += 3 * green + 2 * black
problem += green + black <= 6.5
problem.solve(pulp.PULP_CBC_CMD(msg=False))
print(pulp.LpStatus[problem.status], green.value(), black.value())
a, b = z3.Ints("a b")
solver = z3.Solver()
solver.add(a > 3, b == a * 2, b < 9)
print(solver.check(), solver.model()[b])
