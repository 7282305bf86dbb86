# /// script
# dependencies = ["lxml"]
# ///
"""Schemas of several kinds; ISO Schematron is made of transformations that the package ships."""

import io

from lxml import etree, isoschematron

schema = etree.XMLSchema(
    etree.XML('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="n" type="xs:int"/></xs:schema>')
)
print(
    schema.validate(etree.XML("<n>1</n>")), schema.validate(etree.XML("<n>x</n>")), schema.error_log.last_error.message
)
relax = etree.RelaxNG(etree.XML('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><empty/></element>'))
print(relax(etree.XML("<a/>")), relax(etree.XML("<b/>")))
rules = isoschematron.Schematron(
    etree.XML(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern><rule context="a">'
        '<assert test="@x = 1">x must be one</assert></rule></pattern></schema>'
    ),
    store_report=True,
)
print(
    rules.validate(etree.XML("<a x='1'/>")), rules.validate(etree.XML("<a x='2'/>")), len(str(rules.validation_report))
)
