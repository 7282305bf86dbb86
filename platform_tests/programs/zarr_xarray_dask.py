# /// script
# dependencies = ["zarr", "xarray", "dask[array,dataframe]", "h5netcdf", "h5py"]
# ///
"""Arrays in chunks, engines by entry points, workers in threads and processes, defaults in YAML of the package."""

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import xarray as xr
import zarr

if __name__ == "__main__":
    print(sorted(set(xr.backends.list_engines()) & {"zarr", "h5netcdf", "store"}), dask.config.get("array.chunk-size"))
    data = xr.Dataset({"t": (("x", "y"), np.arange(12.0).reshape(3, 4))}, {"x": [10, 20, 30]}, {"unit": "K"})
    data.to_zarr("data.zarr", consolidated=False)
    data.to_netcdf("data.nc", engine="h5netcdf")
    for name, engine in (("data.zarr", "zarr"), ("data.nc", "h5netcdf")):
        options = {"consolidated": False} if engine == "zarr" else {}
        with xr.open_dataset(name, engine=engine, chunks={"x": 1}, **options) as read:
            print(engine, read.t.sum("y").values.tolist(), read.attrs["unit"])
    stored = zarr.create_array(store="plain.zarr", shape=(100,), chunks=(10,), dtype="i4")
    stored[:] = np.arange(100)
    print(int(zarr.open_array("plain.zarr")[40:50].sum()))
    print(int(da.ones((1000, 1000), chunks=250).sum().compute(scheduler="threads")))
    frame = dd.from_pandas(pd.DataFrame({"a": range(10), "b": list("xy") * 5}), npartitions=2)
    print(frame.groupby("b").a.sum().compute(scheduler="processes").sort_index().to_dict())
    print("xr-wrap" in data._repr_html_())
