# /// script
# dependencies = ["plotly", "bokeh", "altair", "folium", "pandas", "pydeck"]
# ///
"""Charts as pages: scripts, templates and schemas of packages."""

import altair as alt
import bokeh.plotting
import folium
import pandas as pd
import plotly.express as px
import plotly.io as pio
import pydeck
from bokeh.embed import file_html
from bokeh.resources import INLINE

data = pd.DataFrame({"tea": ["green", "black"], "price": [3, 4]})
figure = px.bar(data, x="tea", y="price")
page = figure.to_html(include_plotlyjs=True)
print(len(page) > 1_000_000, figure.layout.xaxis.title.text, sorted(pio.templates)[:3], len(px.data.iris()))
plot = bokeh.plotting.figure(title="Teas")
plot.line([1, 2], [3, 4])
page = file_html(plot, INLINE, "Teas")
print(len(page) > 500_000, "Teas" in page)
chart = alt.Chart(data).mark_bar().encode(x="tea", y="price:Q")
print(
    sorted(chart.to_dict()),
    alt.theme.names()[:3],
    len(alt.load_schema() if hasattr(alt, "load_schema") else chart.to_json()) > 100,
)
try:
    alt.Chart(data).mark_bar(color=3).to_dict()
except alt.utils.schemapi.SchemaValidationError as error:
    print(type(error).__name__)
map = folium.Map(location=[50, 10])
folium.Marker([50, 10], popup="Tea").add_to(map)
print("leaflet" in map.get_root().render(), "deck" in pydeck.Deck(layers=[]).to_html(as_string=True))
