# /// script
# dependencies = ["geopandas"]
# ///
"""Frames with geometry: joins, overlays and formats; without files, for which GDAL and PROJ look for data."""

import geopandas
from shapely.geometry import Point, box

teas = geopandas.GeoDataFrame({"tea": ["green", "black"], "geometry": [Point(1, 1), Point(5, 5)]})
fields = geopandas.GeoDataFrame({"field": ["a", "b"], "geometry": [box(0, 0, 2, 2), box(4, 4, 6, 6)]})
print(teas.sjoin(fields, predicate="within")[["tea", "field"]].to_dict("records"))
print(fields.dissolve().geometry.area.tolist(), fields.overlay(fields.buffer(-0.5).to_frame("geometry")).area.tolist())
print(geopandas.GeoDataFrame.from_features(teas.iterfeatures()).tea.tolist(), teas.to_json(show_bbox=True)[:40])
print(teas.to_wkb().geometry[0].hex(), fields.total_bounds.tolist(), fields.sindex.query(Point(1, 1)).tolist())
