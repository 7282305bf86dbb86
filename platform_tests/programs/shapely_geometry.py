# /// script
# dependencies = ["shapely"]
# [tool.mempip]
# container = true
# ///
"""A bundled GEOS."""

import shapely
from shapely import STRtree, from_wkt, to_geojson
from shapely.geometry import Point, box
from shapely.ops import unary_union

circle = Point(0, 0).buffer(1)
print(round(circle.area, 4), circle.intersection(box(0, 0, 2, 2)).is_valid, shapely.geos_version > (3, 9))
print(unary_union([box(0, 0, 1, 1), box(1, 0, 2, 1)]).wkt)
tree = STRtree([Point(n, n) for n in range(10)])
print(tree.query(box(2, 2, 4, 4)).tolist(), to_geojson(from_wkt("LINESTRING (0 0, 1 1)")))
try:
    from_wkt("POINT (")
except shapely.errors.GEOSException as error:
    print(type(error).__name__)
