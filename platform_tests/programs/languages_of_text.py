# /// script
# dependencies = [
#     "pyphen", "nameparser", "emoji", "unidecode", "text-unidecode", "ftfy", "wcwidth", "inflect", "num2words",
#     "charset-normalizer", "chardet", "langcodes[data]",
# ]
# [tool.mempip]
# container = true
# ///
"""Dictionaries and tables of languages."""

import chardet
import charset_normalizer
import emoji
import ftfy
import inflect
import langcodes
import nameparser
import num2words
import pyphen
import text_unidecode
import unidecode
import wcwidth

print(pyphen.Pyphen(lang="de_DE").inserted("Teekannenwärmer"), len(pyphen.LANGUAGES) > 50)
print(nameparser.HumanName("Dr. Juan Q. Xavier de la Vega III").as_dict())
print(emoji.demojize("a 🍵"), emoji.emojize(":Teekanne:", language="de") != ":Teekanne:", emoji.is_emoji("🍵"))
print(
    unidecode.unidecode("北京 Žluť"), text_unidecode.unidecode("Žluť"), ftfy.fix_text("schÃ¶n"), wcwidth.wcswidth("茶")
)
print(
    inflect.engine().plural("leaf"),
    num2words.num2words(42, lang="fr"),
    langcodes.Language.get("de-AT").display_name("en"),
)
text = "Grüße aus Köln, schöne Tage".encode("cp1252")
print(
    chardet.detect(text)["encoding"] is not None,
    str(charset_normalizer.from_bytes("茶は美味しい。日本のお茶です。".encode("euc_jp")).best()),
)
