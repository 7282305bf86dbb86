# /// script
# dependencies = ["catboost", "imbalanced-learn"]
# ///
"""Trees in one large extension; samplers that build on scikit-learn."""

import numpy as np
from catboost import CatBoostClassifier, Pool
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

generator = np.random.default_rng(0)
x = generator.random((200, 4))
y = (x[:, 0] > 0.8).astype(int)
balanced = SMOTE(random_state=0).fit_resample(x, y)[1]
print(
    np.bincount(balanced).tolist(),
    make_pipeline(SMOTE(random_state=0), DecisionTreeClassifier(random_state=0)).fit(x, y).score(x, y),
)
model = CatBoostClassifier(iterations=10, verbose=False, random_seed=0, allow_writing_files=False, thread_count=1)
model.fit(Pool(x, y))
print(model.score(x, y), model.tree_count_, len(model.get_feature_importance()))
model.save_model("model.json", format="json")
print(CatBoostClassifier().load_model("model.json", format="json").predict(x[:3]).tolist())
