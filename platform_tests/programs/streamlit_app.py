# /// script
# dependencies = ["streamlit"]
# ///
"""An application run by the package's own test harness, and the static files that its server serves."""

import os

from streamlit import file_util
from streamlit.testing.v1 import AppTest


def application():
    import pandas
    import streamlit as st

    st.title("Teas")
    name = st.text_input("Name", "green")
    if st.button("Brew"):
        st.write(f"brewing {name}")
    st.dataframe(pandas.DataFrame({"name": [name]}))
    st.line_chart([1, 3, 2])


test = AppTest.from_function(application, default_timeout=60).run()
test.text_input[0].set_value("black")
test.button[0].click().run()
print(test.title[0].value, test.markdown[0].value, test.dataframe[0].value.to_csv(), len(test.exception))
static = file_util.get_static_dir()
print(os.path.isfile(os.path.join(static, "index.html")), len(os.listdir(os.path.join(static, "static", "js"))) > 20)
