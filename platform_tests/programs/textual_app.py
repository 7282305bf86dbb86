# /// script
# dependencies = ["textual[syntax]"]
# ///
"""An application in a terminal that is not there: styles of widgets, grammars, and a style sheet of its own."""

import asyncio

from textual.app import App
from textual.widgets import Button, Footer, Label, TextArea


class Tea(App):
    CSS = "Label { color: red; } Button { dock: bottom; }"
    BINDINGS = [("b", "brew", "Brew")]

    def compose(self):
        yield Label("leaves", id="tea")
        yield TextArea("x = 1", language="python")
        yield Button("Brew", id="brew")
        yield Footer()

    def on_button_pressed(self):
        self.query_one("#tea", Label).update("green")
        self.exit(str(self.query_one(Label).styles.color.rgb))


async def main():
    app = Tea()
    async with app.run_test() as pilot:
        print(sorted(app.query_one(TextArea).available_languages)[:3], len(app.available_themes) > 5)
        await pilot.click("#brew")
    print(app.return_value)


asyncio.run(main())
