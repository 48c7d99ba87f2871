#!/usr/bin/env python3
"""The page in a real browser: it asks for nothing, says nothing to the console, fits desktop, phone and paper, and can be
read in the dark.

browser_test.py ADVISE GOLDEN_FOLDER [PICTURES]: leaves a picture of each page and mode in the folder PICTURES
"""
import base64
import pathlib
import sys
import tempfile

import browser
from pages_test import make_page

CASES = ("waiting", "uneven", "many-nodes", "mpi-program", "infeasible-memory", "numa-domains", "hostile", "limits")
WIDTHS = {"desktop": 1280, "phone": 390}

OPEN_DETAILS = "document.querySelectorAll('details').forEach(d => d.open = true)"
TOO_WIDE = """(() => { const room = document.documentElement.clientWidth; return document.documentElement.scrollWidth <= room
    ? '' : [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 1 &&
      !e.closest('.scroll, pre')).map(e => e.tagName + ' ' + e.textContent.slice(0, 40)).join('; ') || 'the page' })()"""
# Labels that leave their picture, or lie on one another. A box is a pixel or two larger than its letters.
CLASHES = """(() => { const found = []; for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    const labels = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    labels.forEach(([text, box], i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        found.push(text + ' leaves its picture');
      for (const [other, b] of labels.slice(i + 1)) {
        if (Math.min(box.right, b.right) - Math.max(box.left, b.left) > 2 &&
            Math.min(box.bottom, b.bottom) - Math.max(box.top, b.top) > 4) found.push(text + ' lies on ' + other);
      } }) } return found.join('; ') })()"""
# The least contrast of a text with its panel (WCAG 2: 4.5 is wanted), and how light the page is.
READABLE = """(() => { const rgb = c => c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255);
    const light = c => { const [r, g, b] = rgb(c).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b };
    const under = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
      if (c !== 'rgba(0, 0, 0, 0)') return c } return 'rgb(255, 255, 255)' };
    let least = 99, where = '';
    for (const e of document.querySelectorAll('h1, h2, p, li, dt, dd, td, th, pre, figcaption, svg text')) {
      const s = getComputedStyle(e), a = light(e.matches('text') ? s.fill : s.color), b = light(under(e));
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < least) { least = contrast; where = e.tagName + ' ' + e.textContent.slice(0, 30) } }
    return [least, where, light(getComputedStyle(document.body).backgroundColor)] })()"""


def quiet(chrome, page):
    for event in chrome.events:
        method, what = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            assert what["request"]["url"] == page.as_uri(), f"it asks for {what['request']['url']}"
        assert method not in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"), f"console: {what}"
        assert method != "Log.entryAdded", f"log: {what['entry']['text']}"


def fits(chrome, what):
    too_wide = chrome.evaluate(TOO_WIDE)
    assert not too_wide, f"{what}: wider than the page: {too_wide}"
    clashes = chrome.evaluate(CLASHES)
    assert not clashes, f"{what}: {clashes}"


def readable(chrome, what, dark):
    contrast, where, light = chrome.evaluate(READABLE)
    assert contrast >= 4.5, f"{what}: contrast {contrast:.1f} of {where}"
    assert (light < 0.2) == dark, f"{what}: the page's lightness is {light:.2f}"


def keep(chrome, pictures, name):
    if not pictures:
        return
    shot = chrome.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
    pathlib.Path(pictures, name + ".png").write_bytes(base64.b64decode(shot))


def media(chrome, kind="", scheme="light"):
    chrome.call("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])


def check(chrome, page, case, pictures):
    media(chrome)
    chrome.open(page)
    for name, width in WIDTHS.items():
        chrome.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                    mobile=name == "phone")
        fits(chrome, name)
        keep(chrome, pictures, f"{case}.{name}")
    readable(chrome, "light", dark=False)
    chrome.evaluate(OPEN_DETAILS)
    fits(chrome, "phone with its tables open")
    media(chrome, scheme="dark")
    readable(chrome, "dark", dark=True)
    keep(chrome, pictures, f"{case}.dark")
    media(chrome, kind="print", scheme="dark")
    chrome.call("Emulation.setDeviceMetricsOverride", width=718, height=1000, deviceScaleFactor=1, mobile=False)
    fits(chrome, "paper")
    readable(chrome, "paper", dark=False)
    paper = base64.b64decode(chrome.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
    assert paper.startswith(b"%PDF") and b"/Type /Page" in paper, "nothing was printed"
    quiet(chrome, page)


def main(advise, golden, pictures=None):
    program = browser.find()
    if not program:
        print(f"SKIPPED: no browser: none of {', '.join(browser.NAMES)} is on PATH")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        chrome = browser.Browser(program, pathlib.Path(folder, "profile"))
        try:
            for case in CASES:
                work = pathlib.Path(folder, case)
                work.mkdir()
                page = make_page(advise, pathlib.Path(golden, case), work)[0]
                try:
                    check(chrome, page, case, pictures)
                except AssertionError as fault:
                    sys.exit(f"{case}: {fault}")
        finally:
            chrome.close()
    print(f"{len(CASES)} pages seen at {', '.join(f'{w} px' for w in WIDTHS.values())}, dark and on paper")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
