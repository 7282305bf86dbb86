# /// script
# dependencies = ["opencv-python-headless<5"]
# [tool.mempip]
# misses.overlay = "C++ opens the cascade file by path"
# ///
"""A classifier that C++ reads from a file of the package."""

import os

import cv2
import numpy as np

path = os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_default.xml")
cascade = cv2.CascadeClassifier(path)
print(os.path.getsize(path), cascade.empty())
print(len(cascade.detectMultiScale(np.zeros((100, 100), np.uint8))), cascade.getOriginalWindowSize())
