# /// script
# dependencies = ["pikepdf", "pymupdf", "reportlab", "pypdf", "pypdfium2", "pdfminer.six", "fpdf2"]
# [tool.mempip]
# container = true
# ///
"""Documents: written with a package's fonts, read by libraries in C++, by ctypes, and with character maps."""

import io

import fpdf
import pdfminer.high_level
import pikepdf
import pymupdf
import pypdf
import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

stream = io.BytesIO()
canvas = Canvas(stream, pagesize=A4, invariant=True)
pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
canvas.setFont("Vera", 20)
canvas.drawString(100, 700, "Green tea")
canvas.save()
data = stream.getvalue()
print(len(data) > 5000, pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text())
with pymupdf.open(stream=data, filetype="pdf") as document:
    print(document[0].get_text().strip(), document[0].get_pixmap(dpi=50).width, document[0].get_fonts()[0][3][-15:])
    document[0].insert_text((50, 50), "茶", fontname="china-s")
    print(len(document.tobytes()) > len(data))
with pikepdf.open(io.BytesIO(data)) as document:
    print(document.Root.Type, len(document.pages), pikepdf.__libqpdf_version__.count("."))
document = pypdfium2.PdfDocument(data)
print(len(document), document[0].get_textpage().get_text_bounded(), document[0].get_size()[0] > 500)
print(pdfminer.high_level.extract_text(io.BytesIO(data)).strip())
written = fpdf.FPDF()
written.add_page()
written.set_font("helvetica", size=12)
written.cell(text="tea")
print(pypdf.PdfReader(io.BytesIO(bytes(written.output()))).pages[0].extract_text())
