# /// script
# dependencies = ["scikit-learn"]
# [tool.mempip]
# container = true
# ///
"""Data files of scikit-learn, by path."""

from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

x, y = load_iris(return_X_y=True)
print(RandomForestClassifier(n_jobs=1, random_state=0).fit(x, y).score(x, y), load_digits().data.sum())
model = LogisticRegression(max_iter=300).fit(x, y)
print(model.score(x, y), load_diabetes().data.shape, len(model._repr_html_()) > 1000)
print("iris" in load_iris().DESCR.lower())
