# /// script
# dependencies = ["fonttools[woff,unicode]", "freetype-py", "uharfbuzz", "matplotlib", "skia-pathops"]
# ///
"""Fonts: a library that is opened by path, shaping, and tables, of a font that another package ships."""

import io
import os

import freetype
import matplotlib
import uharfbuzz
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont

path = os.path.join(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
font = TTFont(path)
pen = SVGPathPen(font.getGlyphSet())
font.getGlyphSet()["A"].draw(pen)
print(font["name"].getDebugName(1), len(font.getGlyphOrder()), pen.getCommands()[:20])
subsetter = Subsetter()
subsetter.populate(text="tea")
subsetter.subset(font)
font.flavor = "woff2"
stream = io.BytesIO()
font.save(stream)
print(len(stream.getvalue()) < 20_000, TTFont(io.BytesIO(stream.getvalue())).flavor)
with open(path, "rb") as file:
    face = freetype.Face(file)
face.set_char_size(48 * 64)
face.load_char("t")
print(face.family_name, face.glyph.bitmap.width, freetype.version()[0])
with open(path, "rb") as file:
    shaped = uharfbuzz.Font(uharfbuzz.Face(file.read()))
buffer = uharfbuzz.Buffer()
buffer.add_str("tea")
buffer.guess_segment_properties()
uharfbuzz.shape(shaped, buffer)
print([info.codepoint for info in buffer.glyph_infos], [position.x_advance for position in buffer.glyph_positions])
