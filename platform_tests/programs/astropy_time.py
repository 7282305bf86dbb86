# /// script
# dependencies = ["astropy"]
# [tool.mempip]
# container = true
# ///
"""Constants, leap seconds and ephemerides of the package and its data package; units, tables, and images in C."""

import io

import numpy as np
from astropy import constants, units
from astropy.coordinates import Angle, SkyCoord, get_constellation
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from astropy.utils import iers

iers.conf.auto_download = False
print(Time("2020-01-01").tai.iso, Time("2020-01-01").tdb.jd)
print(constants.c.to("km/s"), (3 * units.imperial.mile).to(units.km))
place = SkyCoord("5h35m17s", "-5d23m28s")
print(place.galactic.to_string(precision=3), get_constellation(place), Angle("1d").hms.m)
stream = io.BytesIO()
fits.CompImageHDU(np.arange(100, dtype="i4").reshape(10, 10)).writeto(stream)
stream.seek(0)
print(int(fits.open(stream)[1].data.sum()), Table.read("a b\n1 2\n", format="ascii")["b"].tolist())
with open(iers.IERS_B_FILE) as file:
    print(len(file.readline()) > 0, len(iers.LeapSeconds.auto_open()) > 20)
