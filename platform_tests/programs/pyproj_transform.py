# /// script
# dependencies = ["pyproj"]
# ///
"""A transformation of pyproj, by the database of its wheel."""

from pyproj import CRS, Transformer

print(CRS.from_epsg(25832).name)
x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(10, 50)
print(round(x), round(y))
