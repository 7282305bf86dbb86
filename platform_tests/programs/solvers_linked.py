# /// script
# dependencies = ["cvxpy", "highspy", "ortools", "osqp", "clarabel"]
# ///
"""Solvers of optimisation problems as extensions, which cvxpy finds by importing them."""

import cvxpy as cp
import highspy
import numpy as np
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

x = cp.Variable(2)
problem = cp.Problem(cp.Minimize(cp.sum_squares(x - np.array([1, 2]))), [x >= 0, cp.sum(x) <= 2])
for solver in ("OSQP", "CLARABEL", "SCS"):
    print(solver, round(problem.solve(solver=solver), 3), x.value.round(2).tolist())
print({"HIGHS", "OSQP"} <= set(cp.installed_solvers()))
model = cp_model.CpModel()
a, b = model.new_int_var(0, 10, "a"), model.new_int_var(0, 10, "b")
model.add(a + b == 7)
model.maximize(3 * a + b)
solver = cp_model.CpSolver()
solver.parameters.num_workers = 1
print(solver.solve(model) == cp_model.OPTIMAL, solver.value(a), solver.value(b))
linear = pywraplp.Solver.CreateSolver("GLOP")
y = linear.NumVar(0, 4, "y")
linear.Maximize(2 * y)
print(linear.Solve(), y.solution_value())
highs = highspy.Highs()
highs.silent()
z = highs.addVariable(lb=0, ub=3)
highs.maximize(2 * z)
print(highs.getObjectiveValue())
