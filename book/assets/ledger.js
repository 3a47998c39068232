// Filter and search on the ledger page. Works from a file as well as from a server; without scripts all rows show.
(function () {
  "use strict";

  function option(select, value, label) {
    const item = document.createElement("option");
    item.value = value;
    item.textContent = label;
    select.append(item);
  }

  function labelled(text, control) {
    const label = document.createElement("label");
    label.append(text, control);
    return label;
  }

  function select(choices, everything) {
    const control = document.createElement("select");
    option(control, "", everything);
    for (const [value, label] of choices) option(control, value, label);
    return control;
  }

  function heading(row) {
    return row.closest("section").querySelector("h2").firstChild.textContent;
  }

  function start() {
    const place = document.getElementById("ledger-controls");
    if (!place) return;
    const rows = [...document.querySelectorAll("details.ledger-row")];
    // The text is taken before formulas are drawn, so that a search finds what the source says.
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "id, title or text";
    const verdicts = rows.map((row) => [row.dataset.verdict, row.dataset.verdict.replace(/-/g, " ")]);
    const verdict = select(new Map(verdicts), "all verdicts");
    const section = select(new Map(rows.map((row) => [row.dataset.section, heading(row)])), "all sections");
    const shown = document.createElement("output");
    shown.setAttribute("aria-live", "polite");
    place.append(labelled("Find", search), labelled("Verdict", verdict), labelled("Section", section), shown);
    place.hidden = false;

    function apply() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        const fits = (!verdict.value || row.dataset.verdict === verdict.value)
          && (!section.value || row.dataset.section === section.value)
          && words.every((word) => texts[index].includes(word));
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      for (const part of document.querySelectorAll("section:has(> details.ledger-row)")) {
        part.hidden = !part.querySelector("details.ledger-row:not([hidden])");
      }
      shown.textContent = count + " of " + rows.length + " rows"
        + (count ? "" : ": nothing fits, so clear the search or allow other verdicts and sections");
    }

    // ledger.html#verdict-false shows the false rows; ledger.html#row-ID opens that row.
    function followAddress() {
      const target = decodeURIComponent(location.hash.slice(1));
      if (target.startsWith("verdict-")) {
        search.value = "";
        section.value = "";
        verdict.value = target.slice("verdict-".length);
      }
      const row = target.startsWith("row-") ? document.getElementById(target) : null;
      if (row) {
        search.value = verdict.value = section.value = "";
        row.open = true;
      }
      apply();
      if (row) row.scrollIntoView();
    }

    for (const control of [search, verdict, section]) control.addEventListener("input", apply);
    window.addEventListener("hashchange", followAddress);
    followAddress();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
