# /// script
# dependencies = ["lxml"]
# [tool.mempip]
# container = true
# ///
"""libxml2 and libxslt: parsing, XPath and a transformation."""

from lxml import etree, html

tree = etree.fromstring("<shop><item price='3'>tea</item><item price='5'>cake</item></shop>")
print(etree.__version__, tree.xpath("sum(//item/@price)"), tree.xpath("//item[@price > 4]/text()"))
sheet = etree.XSLT(
    etree.XML(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
        '<ul><xsl:for-each select="//item"><li><xsl:value-of select="."/></li></xsl:for-each></ul>'
        "</xsl:template></xsl:stylesheet>"
    )
)
print(str(sheet(tree)))
print(etree.tostring(html.fromstring("<p>one<p>two")).decode())
try:
    etree.fromstring("<open>")
except etree.XMLSyntaxError as error:
    print(type(error).__name__, error.lineno)
