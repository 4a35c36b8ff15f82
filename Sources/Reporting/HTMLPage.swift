/// The parts of the page that are the same in every report.
enum HTMLPage {
  /// Of `script`, as the page's own policy names it; a foreign test computes it again.
  static let scriptHash = "sha256-qPtwYWX9KzB+8Sj/DRJHhpBYSBdNZ5j6DEUhcpbGVPU="

  static let style = """
    :root{color-scheme:light dark;--back:light-dark(#fff,#0f141a);--text:light-dark(#1b1f24,#e6edf3);\
    --soft:light-dark(#f3f5f7,#1a212a);--line:light-dark(#cfd6dd,#35404d);--quiet:light-dark(#4f5b67,#a3b1bf);\
    --red:light-dark(#a8201a,#ff9a92);--green:light-dark(#17692f,#6fdd8b);--amber:light-dark(#7a5000,#f0c14b);\
    --blue:light-dark(#0a4f9e,#86bfff);--mark:light-dark(#ffe08a,#6b5200)}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 4rem;background:var(--back);color:var(--text);\
    font:1rem/1.5 system-ui,sans-serif}
    h1{margin:.2rem 0;font-size:1.6rem}
    header p{margin:.2rem 0 1rem;color:var(--quiet)}
    code,pre,dd{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.875rem}
    table{border-collapse:collapse;margin:0 0 1rem;font-variant-numeric:tabular-nums}
    th,td{padding:.25rem .9rem .25rem 0;text-align:right;border-bottom:1px solid var(--line);font-weight:400}
    thead th{color:var(--quiet);font-size:.875rem}
    th:first-child{text-align:left}
    tbody th{font-weight:600}
    .overview{position:relative;overflow-x:auto}
    .bar{display:block;width:120px;height:8px}
    .bar .failed{fill:var(--red)}.bar .skipped{fill:var(--line)}.bar .passed{fill:var(--green)}
    .out{position:absolute;clip-path:inset(50%)}
    #controls{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;\
    padding:.6rem 0;background:var(--back);border-bottom:1px solid var(--line)}
    #controls[hidden],.case[hidden]{display:none}
    input,select,button{font:inherit;font-size:.9rem;color:inherit;accent-color:var(--blue)}
    input[type=search],select,button{padding:.3rem .6rem;background:var(--soft);border:1px solid var(--line);\
    border-radius:.35rem}
    input[type=search]{flex:1 1 14rem}
    label{white-space:nowrap}
    output{color:var(--quiet);font-size:.9rem}
    :focus-visible{outline:2px solid var(--blue);outline-offset:2px}
    .v{font-size:.75rem;font-weight:700;letter-spacing:.03em;text-transform:uppercase}
    h1 .v{font-size:1.4rem}
    .v.failed,.v.error{color:var(--red)}.v.skipped{color:var(--quiet)}.v.warning{color:var(--amber)}.v.passed{color:var(--green)}\
    .v.note{color:var(--blue)}
    .case{padding:.35rem 0;border-bottom:1px solid var(--line);content-visibility:auto;\
    contain-intrinsic-size:auto 2.3rem;overflow-wrap:anywhere}
    div.case{padding-left:1.1rem}
    summary{cursor:pointer}
    .case small,.from{color:var(--quiet);font-size:.875rem}
    .first{display:block;padding-left:1.1rem;font-size:.9rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    div.case .first{padding-left:0}
    details[open]>summary .first{display:none}
    article{margin:.5rem 0 .5rem 1.1rem;padding:.4rem .8rem;border-left:3px solid var(--line)}
    article p{margin:.25rem 0}
    pre{margin:.5rem 0 .5rem 1.1rem;padding:.6rem .8rem;overflow-x:auto;background:var(--soft);border-radius:.35rem}
    article pre{margin-left:0}
    cite{font-style:italic}
    del,ins{text-decoration:none}del{color:var(--red)}ins{color:var(--green)}
    .aligned{display:grid;grid-template-columns:max-content 1fr;gap:.2rem .8rem;margin:.5rem 0;padding:.6rem .8rem;\
    background:var(--soft);border-radius:.35rem}
    .aligned dt{color:var(--quiet);font-size:.875rem}
    .aligned dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
    mark{background:var(--mark);color:inherit;border-radius:.15rem}
    .note{color:var(--quiet)}
    @media print{#controls{display:none}.case{content-visibility:visible;break-inside:avoid}body{max-width:none}\
    pre,dd{white-space:pre-wrap}}
    """

  static let script = #"""
    "use strict";
    const rows = Array.from(document.querySelectorAll(".case"));
    const texts = new Array(rows.length);
    const form = document.getElementById("controls");
    const search = document.getElementById("search");
    const suite = document.getElementById("suite");
    const count = document.getElementById("count");
    const boxes = Array.from(form.querySelectorAll("input[type=checkbox]"));
    function filter() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let shown = 0;
      rows.forEach((row, index) => {
        let fits = verdicts.has(row.dataset.v) && (!suite.value || suite.value === row.dataset.s);
        if (fits && words.length) {
          const text = texts[index] ?? (texts[index] = row.textContent.toLowerCase());
          fits = words.every((word) => text.includes(word));
        }
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      count.value = shown + " of " + rows.length + " cases";
    }
    function step(by) {
      const shown = rows.filter((row) => !row.hidden && row.tagName === "DETAILS");
      const now = shown.indexOf(document.activeElement && document.activeElement.closest(".case"));
      const next = shown[Math.min(shown.length - 1, Math.max(0, now + by))];
      if (next) next.querySelector("summary").focus();
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    document.getElementById("open").addEventListener("click", () => {
      const shown = rows.filter((row) => !row.hidden && row.tagName === "DETAILS").slice(0, 500);
      const opens = shown.some((row) => !row.open);
      shown.forEach((row) => { row.open = opens; });
    });
    document.getElementById("theme").addEventListener("click", () => {
      const root = document.documentElement.style;
      const isDark = root.colorScheme ? root.colorScheme === "dark"
        : window.matchMedia("(prefers-color-scheme: dark)").matches;
      root.colorScheme = isDark ? "light" : "dark";
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !isTyping) { event.preventDefault(); search.focus(); }
      if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); search.blur(); }
      if (event.key === "j" && !isTyping) step(1);
      if (event.key === "k" && !isTyping) step(-1);
    });
    window.addEventListener("beforeprint", () => {
      rows.forEach((row) => { if (!row.hidden && row.dataset.v !== "passed" && row.tagName === "DETAILS") row.open = true; });
    });
    filter();
    """#
}
