# /// script
# dependencies = ["pyogrio", "geopandas"]
# [tool.mempip]
# misses.mount = "SQLite inside of PROJ follows the root's link itself"
# ///
"""Vector files by GDAL, with data files that pyogrio ships for GDAL and PROJ."""

import geopandas
from shapely.geometry import Point

teas = geopandas.GeoDataFrame({"tea": ["green", "black"], "geometry": [Point(1, 1), Point(5, 5)]})
teas.to_file("teas.gpkg", layer="teas", driver="GPKG")
print(geopandas.read_file("teas.gpkg", layer="teas").tea.tolist(), geopandas.list_layers("teas.gpkg").name.tolist())
