# /// script
# dependencies = ["selenium"]
# ///
"""A packaged executable that is started, and a script that is read as a resource."""

import pkgutil
import subprocess

from selenium.webdriver import ChromeOptions
from selenium.webdriver.common.by import By
from selenium.webdriver.common.selenium_manager import SeleniumManager

manager = SeleniumManager._get_binary()
print(subprocess.run([manager, "--version"], capture_output=True, text=True, check=True).stdout)
script = pkgutil.get_data("selenium.webdriver.remote", "isDisplayed.js")
print(len(script) > 1000, By.CSS_SELECTOR, ChromeOptions().to_capabilities()["browserName"])
