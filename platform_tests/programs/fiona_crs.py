# /// script
# dependencies = ["fiona"]
# ///
"""Coordinate systems of fiona, out of the database that its PROJ opens by path."""

from fiona.crs import CRS
from fiona.transform import transform

print(CRS.from_epsg(3857).to_wkt())
longitudes, latitudes = transform("EPSG:4326", "EPSG:25832", [9.0, 10.0], [50.0, 51.0])
print([round(value) for value in (*longitudes, *latitudes)])
