# /// script
# dependencies = ["opencv-python-headless<5"]
# ///
"""Cascades of OpenCV: XML files of the package that C++ opens by path."""

import os

import cv2
import numpy

for name in sorted(os.listdir(cv2.data.haarcascades)):
    if name.endswith(".xml"):
        cascade = cv2.CascadeClassifier(cv2.data.haarcascades + name)
        print(name, cascade.empty(), cascade.getOriginalWindowSize())

image = numpy.zeros((64, 64), numpy.uint8)
cv2.circle(image, (32, 32), 20, 200, -1)
face = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
print(len(face.detectMultiScale(image)))
