# /// script
# dependencies = ["opencv-python-headless"]
# ///
"""A package that extends sys.path from inside itself, and carries FFmpeg: images, contours, codecs."""

import cv2
import numpy as np

image = np.zeros((80, 120, 3), np.uint8)
cv2.circle(image, (60, 40), 25, (255, 128, 0), -1)
ok, data = cv2.imencode(".png", image)
again = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
contours, _ = cv2.findContours(again, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
print(cv2.__version__, ok, again.shape, len(contours), cv2.contourArea(contours[0]))
print(cv2.Canny(again, 50, 150).sum(), cv2.GaussianBlur(image, (5, 5), 0).mean().round(4))
print([cv2.imencode(suffix, image)[0] for suffix in (".jpg", ".webp", ".tiff", ".bmp", ".jp2")])
print(len(cv2.ORB_create().detect(again, None)) > 0, "FFMPEG" in cv2.getBuildInformation())
