# /// script
# dependencies = ["pyogrio", "geopandas"]
# ///
"""Vector files by GDAL, with data files that pyogrio ships for GDAL and PROJ."""

import geopandas
from shapely.geometry import Point

teas = geopandas.GeoDataFrame({"tea": ["green", "black"], "geometry": [Point(1, 1), Point(5, 5)]})
teas.to_file("teas.gpkg", layer="teas", driver="GPKG")
print(geopandas.read_file("teas.gpkg", layer="teas").tea.tolist(), geopandas.list_layers("teas.gpkg").name.tolist())
