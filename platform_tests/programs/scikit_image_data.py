# /// script
# dependencies = ["scikit-image", "pooch", "tifffile", "imagecodecs", "imageio"]
# ///
"""Images that the package ships, lazily loaded submodules by stub files, filters in Cython, codecs in C."""

import imageio.v3 as imageio
import numpy as np
import skimage as ski
import tifffile

camera = ski.data.camera()
print(camera.shape, int(camera.sum()), ski.data.coins().shape, ski.filters.threshold_otsu(camera))
labels = ski.measure.label(camera > 200)
print(labels.max(), round(float(ski.filters.gaussian(camera, 2).mean()), 6), ski.feature.canny(camera).sum())
print(ski.morphology.disk(2).tolist(), ski.color.rgb2lab(ski.data.astronaut()[:2, :2])[0, 0].round(3).tolist())
for compression in ("zlib", "lzw", "zstd", "jpeg"):
    tifffile.imwrite("image.tif", camera, compression=compression)
    print(compression, np.abs(tifffile.imread("image.tif").astype(int) - camera).max() < 100)
imageio.imwrite("image.png", camera)
print((imageio.imread("image.png") == camera).all())
