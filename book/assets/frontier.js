// The explorable frontier: four methods in the plane (Cvg, mu Stab_b), moved by three sliders.
// Worst cases are taken over a grid of eigenvalues that contains both ends of the spectrum [1, kappa]; mu = 1.
"use strict";

(() => {
  const GRID = 241;
  const MOST = 60;
  const RIGHT = 2; // the largest Cvg on the axis; what lies beyond is drawn at the edge, with an arrow
  const TOP = 1.2; // the same for Stab
  const PLOT = { left: 46, right: 350, top: 14, bottom: 250 };
  const METHODS = [
    { id: "gd", name: "GD", shape: "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0", steps: gradientDescent },
    { id: "nag", name: "NAG", shape: "M-4.6,-4.6h9.2v9.2h-9.2z", steps: nesterov },
    { id: "chebyshev", name: "Chebyshev", shape: "M0,-6.5L6.5,0L0,6.5L-6.5,0z", steps: chebyshev },
    { id: "heavy-ball", name: "heavy ball", shape: "M0,-6.3L6.2,5L-6.2,5z", steps: heavyBall },
  ];
  const STYLE = `
    .frontier { --gd: #0072B2; --nag: #D55E00; --chebyshev: #009E73; --heavy-ball: #AA4499; margin: 1rem 0; }
    html[data-theme="dark"] .frontier { --gd: #7db8f0; --nag: #ffa56b; --chebyshev: #5fd0b3; --heavy-ball: #e59fd3; }
    .frontier svg { display: block; width: 100%; max-width: 34rem; height: auto; }
    .frontier text { fill: var(--pst-color-text-base); font-size: 12px; }
    .frontier .axis { stroke: var(--pst-color-text-muted); fill: none; }
    .frontier .line { stroke: var(--pst-color-text-base); stroke-dasharray: 5 4; fill: none; }
    .frontier .beyond { fill: none; stroke-width: 2; }
    .frontier .trail { fill: none; stroke-width: 1.2; opacity: .55; }
    .frontier .controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .4rem 1.4rem; max-width: 34rem; }
    .frontier label { display: flex; flex-direction: column; font-size: .92em; }
    .frontier input { width: 100%; min-height: 1.6rem; accent-color: var(--pst-color-primary); }
    .frontier input:focus-visible { outline: 2px solid var(--pst-color-primary); outline-offset: 2px; }
    .frontier .key { display: inline-block; width: 1em; height: 1em; vertical-align: -.12em; margin-right: .3em; }
    .frontier th, .frontier td { padding: .15em .8em .15em 0; }
    .frontier th { text-align: left; }
    .frontier td, .frontier thead th:not(:first-child) { text-align: right; }
    .frontier .note { font-size: .92em; max-width: 34rem; }`;

  function gradientDescent(kappa, s, k) {
    return Array(k).fill({ s, beta: 0, gamma: 0 });
  }

  function nesterov(kappa, s, k) {
    const beta = (1 - Math.sqrt(s)) / (1 + Math.sqrt(s));
    return Array(k).fill({ s, beta, gamma: beta });
  }

  function heavyBall(kappa, s, k) {
    const root = Math.sqrt(kappa);
    return Array(k).fill({ s: 4 / (root + 1) ** 2, beta: ((root - 1) / (root + 1)) ** 2, gamma: 0 });
  }

  function chebyshev(kappa, s, k) {
    let q = (kappa - 1) / (kappa + 1);
    const steps = [{ s: 2 / (kappa + 1), beta: 0, gamma: 0 }];
    while (steps.length < k) {
      const scale = 1 / (2 * (kappa + 1) - (kappa - 1) * q);
      const next = (kappa - 1) * scale;
      steps.push({ s: 4 * scale, beta: q * next, gamma: 0 });
      q = next;
    }
    return steps.slice(0, k);
  }

  // [{cvg, stab}] after 0, 1, ..., k steps.
  function worstCases(kappa, steps) {
    const worst = [{ cvg: 1, stab: 0 }, ...steps.map(() => ({ cvg: 0, stab: 0 }))];
    for (let i = 0; i < GRID; i++) {
      const lam = (1 + kappa) / 2 - (kappa - 1) / 2 * Math.cos(Math.PI * i / (GRID - 1));
      let r = 1, before = 1, g = 0, gBefore = 0;
      steps.forEach(({ s, beta, gamma }, j) => {
        const move = r - before, gMove = g - gBefore;
        before = r;
        gBefore = g;
        r = r + beta * move - s * lam * (r + gamma * move);
        g = g + beta * gMove - s * (lam * (g + gamma * gMove) - 1);
        worst[j + 1].cvg = Math.max(worst[j + 1].cvg, Math.abs(r));
        worst[j + 1].stab = Math.max(worst[j + 1].stab, Math.abs(g));
      });
    }
    return worst;
  }

  const across = (cvg) => PLOT.left + (PLOT.right - PLOT.left) * Math.min(cvg, RIGHT) / RIGHT;
  const up = (stab) => PLOT.bottom - (PLOT.bottom - PLOT.top) * Math.min(stab, TOP) / TOP;
  const number = (value) => (value === 0 ? "0" : value < 1e-3 || value >= 1e4 ? value.toExponential(1) : value.toFixed(3));

  function frame() {
    const ticks = [0, 0.5, 1, 1.5, 2].map((v) => `<text x="${across(v)}" y="266" text-anchor="middle">${v}</text>`)
      .concat([0, 0.5, 1].map((v) => `<text x="38" y="${up(v) + 4}" text-anchor="end">${v}</text>`)).join("");
    return `<path class="axis" d="M${PLOT.left},${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>
      <path class="line" d="M${across(0)},${up(1)}L${across(1)},${up(0)}"/>
      ${ticks}<text x="${PLOT.right}" y="284" text-anchor="end">Cvg (part that remains)</text>
      <text x="52" y="18">μ Stab (part that is travelled)</text>`;
  }

  // Marks beyond the frame stand at its edge; an arrow on the far side and their values say where they belong.
  function arrow(m) {
    const right = m.cvg > RIGHT, above = m.stab > TOP;
    if (!right && !above) return "";
    const x = across(m.cvg), y = up(m.stab);
    const head = (right ? `M${x + 8},${y - 4}L${x + 14},${y}L${x + 8},${y + 4}` : "")
      + (above ? `M${x - 4},${y - 8}L${x},${y - 14}L${x + 4},${y - 8}` : "");
    const value = [right ? number(m.cvg) : "", above ? number(m.stab) : ""].filter(Boolean).join(", ");
    const row = 14 * METHODS.findIndex((method) => method.id === m.id);
    return `<path class="beyond" d="${head}" stroke="var(--${m.id})" data-beyond="${m.id}"/>
      <text x="${PLOT.right - 10}" y="${PLOT.top + 22 + row}" text-anchor="end" fill="var(--${m.id})">${m.name} off the chart: ${value}</text>`;
  }

  function remark(method, kappa, s) {
    const root = Math.sqrt(s);
    if (method.id === "gd") return s <= 2 / (1 + kappa) ? "" : s < 2 / kappa ? "beyond the printed range" : "unstable";
    if (method.id === "nag") {
      const stable = s < 4 && s * kappa * (3 - root) < 4;
      return s <= 4 / (3 * kappa + 1) ? "" : stable ? "beyond the printed range" : "unstable";
    }
    return ""; // these two choose their own steps
  }

  function build(root) {
    root.innerHTML = `<div class="controls">
        <label><span>condition number κ = <b></b></span><input type="range" min="0" max="300" step="1" data-of="kappa"></label>
        <label><span>steps k = <b></b></span><input type="range" min="0" max="${MOST}" step="1" data-of="k"></label>
        <label><span>step of GD and NAG, s L = <b></b></span><input type="range" min="5" max="220" step="1" data-of="step"></label>
      </div>
      <svg viewBox="0 -4 368 296" role="img"></svg>
      <table><thead><tr><th scope="col">method</th><th scope="col">Cvg</th><th scope="col">μ Stab</th><th scope="col">sum</th></tr></thead><tbody></tbody></table>
      <p class="note" role="status"></p>`;
    const [kappa, k, step] = root.querySelectorAll("input");
    kappa.value = Math.round(100 * Math.log10(Number(root.dataset.kappa)));
    k.value = root.dataset.k;
    step.value = Math.round(100 * Number(root.dataset.step));
    for (const input of [kappa, k, step]) input.addEventListener("input", () => draw(root));
    draw(root);
  }

  function draw(root) {
    const inputs = root.querySelectorAll("input");
    const kappa = Math.max(10 ** (inputs[0].value / 100), 1.05), k = Number(inputs[1].value), sL = inputs[2].value / 100;
    [kappa < 10 ? kappa.toFixed(2) : kappa.toFixed(0), String(k), sL.toFixed(2)].forEach((text, i) => {
      inputs[i].previousElementSibling.querySelector("b").textContent = text;
      inputs[i].setAttribute("aria-valuetext", text);
    });
    const marks = METHODS.map((method) => {
      const path = worstCases(kappa, method.steps(kappa, sL / kappa, k));
      return { ...method, path, ...path[k], remark: remark(method, kappa, sL / kappa) };
    });
    root.querySelector("svg").innerHTML = frame() + marks.map((m) => `
      <polyline class="trail" stroke="var(--${m.id})" points="${m.path.map((p) => `${across(p.cvg)},${up(p.stab)}`).join(" ")}"/>
      <path d="${m.shape}" fill="var(--${m.id})" data-method="${m.id}" data-cvg="${m.cvg}" data-stab="${m.stab}"
        transform="translate(${across(m.cvg)},${up(m.stab)})"/>${arrow(m)}`).join("");
    root.querySelector("svg").setAttribute("aria-label", "Plane of Cvg and mu Stab with the frontier from (1, 0) to (0, 1). "
      + marks.map((m) => `${m.name} at ${number(m.cvg)}, ${number(m.stab)}.`).join(" "));
    root.querySelector("tbody").innerHTML = marks.map((m) => `<tr><th scope="row"><svg class="key" viewBox="-8 -8 16 16" aria-hidden="true">
      <path d="${m.shape}" fill="var(--${m.id})"/></svg>${m.name}</th><td>${number(m.cvg)}</td><td>${number(m.stab)}</td><td>${number(m.cvg + m.stab)}</td></tr>`).join("");
    const off = marks.filter((m) => m.cvg + m.stab > 1 + 1e-6).map((m) => m.name);
    const beyond = marks.filter((m) => m.cvg > RIGHT || m.stab > TOP).map((m) => m.name);
    const told = marks.filter((m) => m.remark).map((m) => `${m.name} is ${m.remark}`);
    root.querySelector(".note").textContent = [off.length ? `Above the frontier: ${off.join(", ")}.` : "All four are on the frontier.",
      beyond.length ? `Off the chart, where the arrow points: ${beyond.join(", ")}.` : "", ...told.map((t) => `${t}.`)].filter(Boolean).join(" ");
  }

  const style = document.createElement("style");
  style.textContent = STYLE;
  document.head.append(style);
  document.querySelectorAll(".frontier").forEach(build);
})();
