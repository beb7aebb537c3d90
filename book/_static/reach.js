// What the theme leaves out for those who use a keyboard or a screen reader: names of the arrows in the list of
// chapters, and a tab stop on what is moved sideways.
(() => {
  const WIDE = ".bd-article :is(div.math, mjx-container, p, pre, table, .cell_output, .output, td, .interactive-figure, .claim-graph-frame), .claim-card";
  const name = () => {
    for (const arrow of document.querySelectorAll(".bd-sidebar-primary summary:not([aria-label])")) {
      const chapter = arrow.closest("li")?.querySelector("a");
      arrow.setAttribute("aria-label", "Pages below " + (chapter?.textContent.trim() || "this one"));
    }
  };
  const reach = () => {
    for (const part of document.querySelectorAll(WIDE)) {
      const moves = part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX);
      if (moves && !part.hasAttribute("tabindex")) part.tabIndex = 0, (part.dataset.reach = "");
      else if (!moves && "reach" in part.dataset) part.removeAttribute("tabindex"), delete part.dataset.reach;
    }
  };
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(reach, 200);
  };
  // Formulas in a closed fold are set when it is opened (the configuration skips folds): a page is ready sooner.
  const set = (fold) => {
    if (!fold.open || "set" in fold.dataset) return;
    fold.dataset.set = "";
    Promise.resolve(window.MathJax?.startup?.promise).then(() => window.MathJax?.typesetPromise?.([...fold.children]));
  };
  document.addEventListener("toggle", (event) => event.target.matches("details") && set(event.target), true);
  document.querySelectorAll("details[open]").forEach(set);
  name();
  addEventListener("load", () => Promise.resolve(window.MathJax?.startup?.promise).then(reach));
  addEventListener("resize", later);
  const article = document.querySelector("article");
  if (article) new MutationObserver(later).observe(article, { childList: true, subtree: true });  // Formulas are set late.
  document.addEventListener("toggle", later, true);
})();
