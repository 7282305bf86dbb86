# /// script
# dependencies = ["Pillow"]
# [tool.mempip]
# container = true
# ///
"""Drawing, resizing and the codecs that are libraries of their own (JPEG, PNG, WebP, TIFF)."""

import hashlib
import io

import PIL
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

image = Image.new("RGB", (120, 80), "white")
draw = ImageDraw.Draw(image)
draw.ellipse((10, 10, 90, 70), fill="navy")
draw.text((20, 20), "mempip", fill="yellow", font=ImageFont.load_default())
print(PIL.__version__, {name: features.check(name) for name in ("jpg", "zlib", "webp", "libtiff", "freetype2")})
for format_ in ("PNG", "JPEG", "WEBP", "TIFF"):
    file = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(2)).resize((60, 40)).save(file, format_)
    again = Image.open(io.BytesIO(file.getvalue()))
    print(format_, again.size, again.mode, hashlib.sha256(again.tobytes()).hexdigest())
