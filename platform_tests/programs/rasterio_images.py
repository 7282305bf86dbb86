# /// script
# dependencies = ["rasterio"]
# ///
"""GDAL: drivers, a raster that is written and read, its pyramid, and masks of shapes."""

import numpy as np
import rasterio
from rasterio.features import rasterize, shapes
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

transform = from_origin(10, 50, 0.5, 0.5)
data = np.arange(64, dtype="uint8").reshape(8, 8)
profile = {"driver": "GTiff", "width": 8, "height": 8, "count": 1, "dtype": "uint8", "compress": "lzw"}
with MemoryFile() as memory:
    with memory.open(**profile, transform=transform) as raster:
        raster.write(data, 1)
    with memory.open() as raster:
        print(raster.bounds, raster.profile["compress"], int(raster.read(1).sum()), raster.index(11, 49))
with rasterio.open("here.png", "w", driver="PNG", width=8, height=8, count=1, dtype="uint8") as raster:
    raster.write(data, 1)
with rasterio.open("here.png") as raster:
    print(raster.driver, (raster.read(1) == data).all())
square = {"type": "Polygon", "coordinates": [[(10, 50), (12, 50), (12, 48), (10, 48), (10, 50)]]}
burnt = rasterize([(square, 7)], out_shape=(8, 8), transform=transform)
print(burnt.sum(), sorted(value for _, value in shapes(burnt.astype("uint8"), transform=transform)))
print({"GTiff", "PNG", "JPEG"} <= set(rasterio.drivers.raster_driver_extensions().values()))
