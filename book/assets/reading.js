// Formulas and wide things, once they are drawn: an inline formula breaks only where it would not fit on a line of
// its own, a displayed one in a theorem box shrinks a little before it scrolls, and whatever is wider than its box
// says that it scrolls. Without scripts there are no formulas either.
"use strict";

(() => {
  const INLINE = ".bd-article mjx-container:not([display])";
  const WIDE = ".bd-article mjx-container[display], .bd-article figure:has(img), .bd-article pre, .bd-article table";

  const BOXED = ".bd-article div.proof mjx-container[display]";
  const SMALLEST = 0.75; // of the size of the text

  function block(element) {
    let around = element.parentElement;
    while (getComputedStyle(around).display.startsWith("inline")) around = around.parentElement;
    return around;
  }

  function inner(element) {
    const style = getComputedStyle(element);
    return element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }

  function breakWhereNeeded(formula) {
    formula.classList.remove("long");
    const width = Math.max(...[...formula.getClientRects()].map((box) => box.width), 0);
    formula.classList.toggle("long", width > inner(block(formula)) + 1);
  }

  function shrink(formula) {
    formula.style.removeProperty("font-size");
    const fits = formula.clientWidth / formula.scrollWidth;
    if (fits < 1) formula.style.fontSize = Math.floor(100 * Math.max(fits, SMALLEST)) + "%";
  }

  // A cue stays until the end is in sight.
  function cue(element) {
    const rest = element.scrollWidth - element.clientWidth;
    element.classList.toggle("scrolls", rest > 2);
    element.classList.toggle("more", rest - element.scrollLeft > 2);
    if (rest > 2) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }

  function start() {
    const formulas = new Map();
    for (const formula of document.querySelectorAll(INLINE)) {
      const around = block(formula);
      if (!formulas.has(around)) formulas.set(around, []);
      formulas.get(around).push(formula);
    }
    const boxed = [...document.querySelectorAll(BOXED)];
    const wide = [...document.querySelectorAll(WIDE)];

    function settle(blocks) {
      for (const around of blocks) (formulas.get(around) || []).forEach(breakWhereNeeded);
      boxed.forEach(shrink);
      wide.forEach(cue);
    }

    settle(formulas.keys());
    for (const element of wide) element.addEventListener("scroll", () => cue(element), { passive: true });
    // Folds that open and windows that turn change widths; heights alone do not matter.
    const widths = new Map();
    const watch = new ResizeObserver((entries) => {
      const changed = entries.filter((entry) => widths.get(entry.target) !== entry.contentRect.width);
      for (const entry of changed) widths.set(entry.target, entry.contentRect.width);
      if (changed.length) requestAnimationFrame(() => settle(changed.map((entry) => entry.target)));
    });
    for (const element of [...formulas.keys(), ...wide]) watch.observe(element);
  }

  function whenDrawn() {
    const drawn = window.MathJax?.startup?.promise;
    if (drawn) drawn.then(start);
    else start();
  }

  if (document.readyState === "complete") whenDrawn();
  else window.addEventListener("load", whenDrawn);
})();
