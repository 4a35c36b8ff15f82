"""The page of a report in headless Chromium: no error, filter, search, keys, contrast, and 5,000 cases.

Without a Chromium on this machine nothing is tested, and the last line says so.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import websocket

ROOT, CISPEC = sys.argv[1], sys.argv[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Where pictures of the pages are left for a look, when a third argument says so.
PICTURES = sys.argv[3] if len(sys.argv) > 3 else None

# Every text on the page with its colour, the colour behind it and its size.
TEXTS = """
(() => {
  const visible = (element) => element.checkVisibility();
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const seen = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (["SCRIPT", "STYLE"].includes(element.tagName) || !visible(element)) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = getComputedStyle(element);
    const key = [style.color, behind(element), element.tagName, element.className].join("|");
    seen.set(key, [style.color, behind(element), element.tagName + "." + element.className]);
  }
  return [...seen.values()];
})()
"""


class Page:
    """One page in a browser of its own, spoken to over the DevTools protocol."""

    def __init__(self, path, scheme="light", size=(1200, 900)):
        self.folder = tempfile.mkdtemp()
        self.process = subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
             "--disable-background-networking", "--remote-allow-origins=*",
             f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self.port()
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port[0]}{port[1]}", timeout=60)
        self.number, self.session, self.events = 0, None, []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.send("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        start = time.monotonic()
        self.send("Page.navigate", url=f"file://{path}")
        while self.value("document.readyState") != "complete" or not self.value("location.href").startswith("file:"):
            time.sleep(0.01)
        self.value("typeof filter")
        self.seconds = time.monotonic() - start

    def port(self):
        path = os.path.join(self.folder, "DevToolsActivePort")
        for _ in range(600):
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    lines = file.read().split("\n")
                if len(lines) == 2:
                    return lines
            time.sleep(0.05)
        raise TimeoutError("Chromium opened no port")

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def key(self, text):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=text, **({"text": text} if kind == "keyDown" else {}))

    def faults(self):
        """What the console, the log and the network tell of trouble, or of anything loaded."""
        bad = []
        for event in self.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                bad.append(params["exceptionDetails"]["text"])
            elif event["method"] == "Log.entryAdded":
                bad.append(params["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled":
                bad.append(str(params["args"]))
            elif event["method"] == "Network.requestWillBeSent" and params["type"] != "Document":
                bad.append("loaded " + params["request"]["url"])
        return bad

    def picture(self, name):
        if PICTURES:
            data = self.send("Page.captureScreenshot", format="png")["data"]
            with open(os.path.join(PICTURES, name + ".png"), "wb") as file:
                file.write(base64.b64decode(data))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def ratio(one, other):
    """The contrast of two colours by WCAG 2."""
    def light(colour):
        channels = [float(number) / 255 for number in re.findall(r"[\d.]+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@unittest.skipUnless(CHROMIUM, "no Chromium on this machine")
class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.temporary.name, "wrong.html")
        cls.data = os.path.join(cls.temporary.name, "wrong.json")
        subprocess.run(
            [CISPEC, "vectors", "--adapter", f"python3 '{ROOT}/Tests/Adapters/stub_adapter.py' path-encoded",
             "--report", f"html={cls.path}", "--report", f"json={cls.data}"], capture_output=True, timeout=300)
        with open(cls.data, encoding="utf-8") as file:
            cls.cases = [case for suite in json.load(file)["suites"] for case in suite["cases"]]
        cls.failed = sum(case["verdict"] == "failed" for case in cls.cases)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def page(self, path=None, **options):
        page = Page(path or self.path, **options)
        self.addCleanup(page.close)
        return page

    shown = "[...document.querySelectorAll('.case')].filter(row => row.checkVisibility()).length"

    def test_the_policy_names_the_script_that_is_there(self):
        with open(self.path, encoding="utf-8") as file:
            text = file.read()
        script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", text)

    def test_filter_search_and_keys_work_without_an_error(self):
        page = self.page()
        self.assertGreater(self.failed, 0)
        self.assertEqual(page.value(self.shown), len(self.cases))
        for word in ("skipped", "passed", "error"):
            page.value(f"document.querySelector('input[value={word}]').click()")
        self.assertEqual(page.value(self.shown), self.failed)
        page.key("/")
        self.assertEqual(page.value("document.activeElement.id"), "search")
        page.value("search.value = 'signing/path/space'; search.dispatchEvent(new Event('input', {bubbles: true}))")
        wanted = sum(case["verdict"] == "failed" and "signing/path/space" in case["id"] for case in self.cases)
        self.assertGreater(wanted, 0)
        self.assertEqual(page.value(self.shown), wanted)
        self.assertEqual(page.value("count.value"), f"{wanted} of {len(self.cases)} cases")
        page.value("search.blur()")
        page.key("j")
        self.assertEqual(page.value("document.activeElement.tagName"), "SUMMARY")
        page.send("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        page.send("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
        self.assertTrue(page.value("document.activeElement.parentElement.open"))
        self.assertEqual(page.value("document.querySelectorAll('details[open] .aligned dd mark').length"), 2)
        self.assertEqual(page.faults(), [])

    def test_text_can_be_selected(self):
        page = self.page()
        page.value("getSelection().selectAllChildren(document.querySelector('.case code'))")
        self.assertIn(page.value("getSelection().toString()"), [case["id"] for case in self.cases])
        self.assertNotEqual(page.value("getComputedStyle(document.body).userSelect"), "none")

    def test_every_text_has_contrast_in_both_schemes(self):
        backs = set()
        for scheme in ("light", "dark"):
            page = self.page(scheme=scheme)
            page.value("document.querySelectorAll('details').forEach((row, index) => { row.open = index < 2 })")
            page.picture(scheme)
            texts = page.value(TEXTS)
            self.assertGreater(len(texts), 15)
            for colour, back, where in texts:
                self.assertGreaterEqual(ratio(colour, back), 4.5, f"{scheme} {where}: {colour} on {back}")
            backs.add(page.value("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(backs), 2)

    def test_narrow_windows_do_not_scroll_sideways(self):
        page = self.page(size=(390, 800))
        page.value("document.querySelectorAll('details').forEach((row, index) => { row.open = index < 2 })")
        page.picture("narrow")
        self.assertLessEqual(page.value("document.documentElement.scrollWidth"), 390)

    def test_a_hostile_report_runs_nothing(self):
        folder = os.path.join(self.temporary.name, "hostile")
        os.makedirs(folder, exist_ok=True)
        for name in ("<img src=x onerror=alert(1)>.xml", "'\"><svg onload=alert(1)>.xml"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("<Request><Tag>&lt;/script>&lt;script>document.title='hit'&lt;/script>--></Tag></Request>")
        path = os.path.join(self.temporary.name, "hostile.html")
        subprocess.run([CISPEC, "validate", ".", "--report", f"html={path}"], cwd=folder, capture_output=True, timeout=60)
        page = self.page(path)
        self.assertEqual(page.value("document.querySelectorAll('img, main script, .case svg').length"), 0)
        self.assertEqual(page.value("document.title"), "cispec: not as expected")
        self.assertEqual(page.faults(), [])

    def test_5000_cases_are_small_and_quick(self):
        lines = os.path.join(self.temporary.name, "many.jsonl")
        with open(lines, "w", encoding="utf-8") as file:
            for index in range(5000):
                body = "<Request><Tag>FileHashCode</Tag></Request>" if index % 5 else "<Request><Nope/></Request>"
                file.write(json.dumps({"id": str(index), "operation": "file-jobs.submit", "part": "request", "body": body}) + "\n")
        path = os.path.join(self.temporary.name, "many.html")
        subprocess.run([CISPEC, "validate", lines, "--quiet", "--report", f"html={path}"], capture_output=True, timeout=300)
        self.assertLess(os.path.getsize(path), 3_000_000)
        # The machine may have something else to do just then.
        for _ in range(3):
            page = self.page(path)
            if page.seconds < 1.0:
                break
        rows = page.value("rows.length")
        self.assertEqual(rows, 5000)
        self.assertLess(page.seconds, 1.0)
        spent = page.value(
            "(() => { const start = performance.now(); search.value = '4999'; filter(); void document.body.offsetHeight;"
            " return performance.now() - start; })()")
        self.assertEqual(page.value("count.value"), "1 of 5000 cases")
        self.assertLess(spent, 500)
        print(f"page of 5000 cases: {os.path.getsize(path)} bytes, ready after {page.seconds:.2f} s, search {spent:.0f} ms")
        page.picture("many")


def main():
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    print(f"page: {passed} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
