"""Trains the iris model on the data that ships with scikit-learn: train.py TARGET.joblib"""

import os
import sys

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

features, species = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=500).fit(features, species)
part = sys.argv[1] + ".part"
joblib.dump(model, part)
os.replace(part, sys.argv[1])
