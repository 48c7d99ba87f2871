#!/usr/bin/env python3
"""Every golden advice as a page: well-formed, whole, and without a reach for anything outside. And as a plot.

pages_test.py ADVISE GOLDEN_FOLDER
"""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

ACTIVE = {"script", "iframe", "object", "embed", "img", "link", "form", "base", "a", "image", "use"}
TEXT_OF = "".join


def options_of(case):
    options = (case / "options").read_text().split() if (case / "options").exists() else []
    if (case / "samples.csv").exists():
        options += ["--samples", "samples.csv"]
    return options


def make_page(advise, case, folder):
    page = folder / f"{case.name}.html"
    done = subprocess.run(
        [advise, "job.yaml", "--cluster", "cluster.yaml", *options_of(case), "--output", folder, "--report", page],
        cwd=case, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 4), f"{case.name}: exit code {done.returncode}: {done.stderr}"
    return page, done.returncode == 0, done.stdout


def check(page, feasible, advice):
    root = tree.parse(page).getroot()
    elements = list(root.iter())
    for element in elements:
        assert element.tag not in ACTIVE, f"<{element.tag}>"
        for name in element.attrib:
            assert not name.startswith("on") and name not in ("href", "src", "style"), name
    policy = [e.get("content") for e in elements if e.get("http-equiv") == "Content-Security-Policy"]
    assert policy and policy[0].startswith("default-src 'none'"), "no policy"
    assert "url(" not in page.read_text() and "@import" not in page.read_text()
    body = TEXT_OF(root.find("body").itertext())
    title = TEXT_OF(root.find("body/h1").itertext())
    assert advice.startswith(title), f"the headline is not the advice's: {title}"
    scripts = [TEXT_OF(e.itertext()) for e in elements if e.tag == "pre"]
    if feasible:
        script = next(page.parent.glob(f"{title.split(':')[0]}.sbatch")).read_text()
        assert scripts == [script], "the script is not the one that was written"
        assert "NaN" not in body and "inf x" not in body
    else:
        assert not scripts and "infeasible: nothing fits" in body
    for picture in (e for e in elements if e.tag == "svg"):
        assert picture.get("aria-label"), "a picture without words"
        assert "nan" not in tree.tostring(picture, encoding="unicode").lower().split('"')


def plot(advise, case, locale):
    """What --plot adds to the advice."""
    base = [advise, "job.yaml", "--cluster", "cluster.yaml", *options_of(case), "--dry-run"]
    texts = [
        subprocess.run(base + more, cwd=case, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
                       env={"LC_ALL": locale, "PATH": "/usr/bin:/bin", "TERM": "dumb"}).stdout
        for more in ([], ["--plot"])]
    assert texts[1].startswith(texts[0]), "--plot changed the advice"
    return texts[1][len(texts[0]):]


def check_plot(advise, case):
    plain = plot(advise, case, "C")
    blocks = plot(advise, case, "de_DE.UTF-8")
    assert not plain or plain.startswith("\n"), "no blank line before the plot"
    assert plain.isascii(), "not plain text"
    assert "\x1b" not in plain + blocks, "colour"
    for line in (plain + blocks).split("\n"):
        assert len(line) <= 80 and line == line.rstrip(), f"{len(line)} columns: {line!r}"
    assert plain == blocks.translate(str.maketrans("\u2588\u2592\u00b7\u2591\u2502", "#=./|")), "the two differ in more than glyphs"
    assert "nan" not in plain
    # Without a node of the kind asked for there is nothing to draw.
    assert "a node: " in plain or case.name == "infeasible-partition", "no node is drawn"


def main(advise, golden):
    cases = sorted(job.parent for job in pathlib.Path(golden).glob("*/job.yaml"))
    assert len(cases) > 20, "where are the golden advices?"
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            page, feasible, advice = make_page(advise, case, pathlib.Path(folder))
            try:
                check(page, feasible, advice)
                check_plot(advise, case)
            except (AssertionError, tree.ParseError) as fault:
                sys.exit(f"{case.name}: {fault}")
    print(f"{len(cases)} pages and plots are whole")


if __name__ == "__main__":
    main(*sys.argv[1:])
