# /// script
# dependencies = ["openpyxl", "xlsxwriter", "python-docx", "python-pptx", "docxtpl", "python-calamine"]
# [tool.mempip]
# container = true
# ///
"""Documents of offices, made from templates that packages ship; read in Rust."""

import io

import docx
import docxtpl
import openpyxl
import pptx
import python_calamine
import xlsxwriter

document = docx.Document()
document.add_heading("Tea", 1)
document.add_paragraph("Brew {{ minutes }} minutes", style="List Bullet")
stream = io.BytesIO()
document.save(stream)
template = docxtpl.DocxTemplate(io.BytesIO(stream.getvalue()))
template.render({"minutes": 3})
print([paragraph.text for paragraph in template.paragraphs], len(document.styles) > 100)
slides = pptx.Presentation()
slide = slides.slides.add_slide(slides.slide_layouts[0])
slide.shapes.title.text = "Tea"
print([layout.name for layout in slides.slide_layouts][:2], slide.shapes.title.text)
stream = io.BytesIO()
with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
    book.add_worksheet("teas").write_row(0, 0, ["green", 3.5])
print([cell.value for cell in openpyxl.load_workbook(io.BytesIO(stream.getvalue()))["teas"][1]])
print(
    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue())).get_sheet_by_name("teas").to_python()
)
