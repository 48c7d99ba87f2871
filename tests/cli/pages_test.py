#!/usr/bin/env python3
"""Every golden advice as a page: well-formed, whole, and without a reach for anything outside.

pages_test.py ADVISE GOLDEN_FOLDER
"""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

ACTIVE = {"script", "iframe", "object", "embed", "img", "link", "form", "base", "a", "image", "use"}
TEXT_OF = "".join


def make_page(advise, case, folder):
    options = (case / "options").read_text().split() if (case / "options").exists() else []
    if (case / "samples.csv").exists():
        options += ["--samples", "samples.csv"]
    page = folder / f"{case.name}.html"
    done = subprocess.run(
        [advise, "job.yaml", "--cluster", "cluster.yaml", *options, "--output", folder, "--report", page],
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


def main(advise, golden):
    cases = sorted(job.parent for job in pathlib.Path(golden).glob("*/job.yaml"))
    assert len(cases) > 20, "where are the golden advices?"
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            page, feasible, advice = make_page(advise, case, pathlib.Path(folder))
            try:
                check(page, feasible, advice)
            except (AssertionError, tree.ParseError) as fault:
                sys.exit(f"{case.name}: {fault}")
    print(f"{len(cases)} pages are whole")


if __name__ == "__main__":
    main(*sys.argv[1:])
