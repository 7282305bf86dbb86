# /// script
# dependencies = ["netCDF4"]
# ///
"""netCDF on HDF5, cftime's calendars, and the plugins of filters that the wheel carries."""

import cftime
import netCDF4
import numpy as np

with netCDF4.Dataset("x.nc", "w") as data:
    data.createDimension("time", None)
    variable = data.createVariable("t", "f8", ("time",), zlib=True, complevel=4)
    variable[:] = np.linspace(0, 1, 5)
    variable.units = "days since 2001-01-01"
with netCDF4.Dataset("x.nc") as data:
    print(data["t"][:].data.tolist(), data["t"].units, data["t"].filters()["zlib"], data.data_model)
print(cftime.num2date(59, "days since 2001-01-01", calendar="360_day"), netCDF4.__has_nc_inq_path__)
print(netCDF4.Dataset("m", "w", memory=1024).close() is not None)
