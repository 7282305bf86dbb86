# /// script
# dependencies = ["tables", "pandas"]
# ///
"""Tables in HDF5 with libraries by ctypes and by linking: indices, compressors, queries."""

import numpy as np
import pandas as pd
import tables

with tables.open_file("teas.h5", "w") as file:
    rows = file.create_table("/", "teas", {"name": tables.StringCol(8), "price": tables.Float64Col()})
    for number in range(100):
        rows.row["name"], rows.row["price"] = f"tea{number}", number / 2
        rows.row.append()
    rows.flush()
    rows.cols.price.create_index()
    print([row["name"] for row in rows.where("(price > 3) & (price < 5)")])
    for library in ("zlib", "blosc", "blosc2", "bzip2"):
        array = file.create_carray("/", library, obj=np.arange(1000), filters=tables.Filters(5, library))
        print(library, int(array[:].sum()), tables.which_lib_version(library) is not None)
pd.DataFrame({"a": [1, 2]}).to_hdf("frame.h5", key="frame", format="table")
print(pd.read_hdf("frame.h5", "frame", where="index > 0").to_dict("records"))
