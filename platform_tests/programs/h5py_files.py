# /// script
# dependencies = ["h5py"]
# ///
"""HDF5: bundled libraries, compression filters, a file on disk and one in memory."""

import io

import h5py
import numpy as np

for target in ("data.h5", io.BytesIO()):
    with h5py.File(target, "w") as file:
        file.create_dataset("a/b", data=np.arange(100).reshape(10, 10), compression="gzip", chunks=(5, 5))
        file["a"].attrs["unit"] = "m"
        file["names"] = np.array(["x", "yy"], dtype=h5py.string_dtype())
    with h5py.File(target, "r") as file:
        print(
            file["a/b"][2:4, 1].tolist(),
            file["a"].attrs["unit"],
            file["names"].asstr()[:].tolist(),
            file["a/b"].compression,
        )
print(h5py.version.hdf5_version, h5py.h5z.filter_avail(h5py.h5z.FILTER_DEFLATE))
