// Cards for links to claims and to terms, by mouse and by keyboard; buttons that copy; old addresses of claims with a dot.
(() => {
  const CLAIM = /\/claims\/[a-z0-9-]+\.html$/;
  const pages = new Map();
  let card, owner, timer;

  const page = (url) => {
    const address = url.origin + url.pathname;
    if (!pages.has(address))
      pages.set(address, fetch(address).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))).then((html) => new DOMParser().parseFromString(html, "text/html")));
    return pages.get(address);
  };
  // What a card shows of the page that its link leads to: of a claim title, verdict and statement, of a term its definition.
  const content = async (url) => {
    const term = url.hash.startsWith("#term-") && decodeURIComponent(url.hash.slice(1));
    if (!term && !(CLAIM.test(url.pathname) && url.pathname !== location.pathname)) return [];
    const there = await page(url);
    if (term) {
      const name = there.getElementById(term);
      return name ? [heading(name), ...(name.closest("dl") ? [body(name)] : [])] : [];
    }
    const title = there.querySelector("article h1, main h1, h1");
    return [title && heading(title), there.querySelector(".claim-head"), there.querySelector(".claim-statement")].filter(Boolean);
  };
  const heading = (node) => {
    const out = document.createElement("p");
    out.className = "claim-card-title";
    out.append(...[...node.cloneNode(true).childNodes].filter((part) => !part.classList?.contains("headerlink")));
    return out;
  };
  const body = (name) => {
    let next = name.nextElementSibling;
    while (next && next.tagName !== "DD") next = next.nextElementSibling;
    const out = document.createElement("div");
    if (next) out.append(...next.cloneNode(true).childNodes);
    return out;
  };
  const close = () => {
    clearTimeout(timer);
    card?.remove();
    owner?.removeAttribute("aria-describedby");
    card = owner = undefined;
  };
  const open = async (link) => {
    const url = new URL(link.getAttribute("href"), location.href);
    const parts = url.origin === location.origin ? await content(url).catch(() => []) : [];
    if (!parts.length || !(link.matches(":hover") || document.activeElement === link)) return;
    close();
    card = document.createElement("div");
    card.id = "claim-card";
    card.setAttribute("role", "tooltip");
    card.className = "claim-card";
    card.append(...parts.map((part) => document.importNode(part, true)));
    const verdict = card.querySelector(".verdict");
    if (verdict) card.classList.add(...[...verdict.classList].filter((name) => name.startsWith("v-")));
    for (const part of card.querySelectorAll("[id]")) part.removeAttribute("id");
    for (const inner of card.querySelectorAll("a[href]")) {
      inner.href = new URL(inner.getAttribute("href"), url).href;
      inner.tabIndex = -1;
    }
    document.body.append(card);
    owner = link;
    link.setAttribute("aria-describedby", card.id);
    place();
    await window.MathJax?.typesetPromise?.([card]);
    if (owner === link) place();
  };
  const place = () => {
    const box = owner.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 8));
    const below = box.bottom + card.offsetHeight + 8 < innerHeight || box.top < card.offsetHeight + 8;
    card.style.left = left + scrollX + "px";
    card.style.top = (below ? box.bottom + 6 : box.top - card.offsetHeight - 6) + scrollY + "px";
  };
  const linked = (event) => event.target.closest?.("a[href]:not(.headerlink, .claim > .admonition-title > a)");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (card?.contains(event.target)) return clearTimeout(timer);
    const link = linked(event);
    if (link === owner && owner) return clearTimeout(timer);
    clearTimeout(timer);
    if (link) timer = setTimeout(() => open(link), 150);
    else if (card && document.activeElement !== owner) timer = setTimeout(close, 250);
  });
  document.addEventListener("focusin", (event) => {
    const link = linked(event);
    if (link && !card?.contains(link) && link.matches(":focus-visible")) open(link);
  });
  document.addEventListener("focusout", (event) => event.target === owner && close());
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());

  const copy = async (button, text) => {
    const before = button.innerHTML;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentNode.querySelector("pre") || button);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.innerHTML = before), 2000);
  };
  const start = () => {
    for (const button of document.querySelectorAll("button.copy")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const link = button.dataset.copyLink;
        copy(button, link ? new URL(link, location.href.split("#")[0]).href : button.parentNode.querySelector("pre").textContent);
      });
    }
    const old = decodeURIComponent(location.hash);
    if (/^#claim-.*\./.test(old)) location.replace(old.replaceAll(".", "-"));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
