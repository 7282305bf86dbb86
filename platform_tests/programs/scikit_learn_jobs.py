# /// script
# dependencies = ["scikit-learn"]
# ///
"""Work in child interpreters (loky), and compressed data sets by path."""

from joblib import Parallel, delayed
from sklearn.datasets import load_breast_cancer, load_sample_image, load_wine
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier


def main():
    x, y = load_wine(return_X_y=True)
    scores = cross_val_score(DecisionTreeClassifier(random_state=0), x, y, n_jobs=2, cv=4)
    print(scores.round(4).tolist())
    print(Parallel(n_jobs=2)(delayed(pow)(2, n) for n in range(5)))
    print(load_breast_cancer().data.shape, load_breast_cancer().filename)


if __name__ == "__main__":
    main()
    try:
        print(load_sample_image("china.jpg").shape)
    except ImportError as error:
        print("Pillow" in str(error) or "PIL" in str(error))
