// The ledger's filter: by text, verdict, error, chapter, who states it, wording, evidence; read from and written to the address.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".ledger-tools");
  if (!form) return;
  const text = document.getElementById("ledger-text");
  const count = document.getElementById("ledger-count");
  const selects = ["verdict", "error", "chapter", "origin", "wording", "kind"].map((name) => document.getElementById("ledger-" + name));
  const name = (select) => select.id.replace("ledger-", "");
  const rows = [...document.querySelectorAll("tr.ledger-row")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const hit = words.get(row).includes(wanted) && selects.every((s) => !s.value || row.classList.contains(s.value));
      row.hidden = !hit;
      shown += hit;
    }
    count.textContent = shown + " of " + rows.length + " claims shown";
  };
  const write = () => {
    const asked = new URLSearchParams(selects.filter((s) => s.value).map((s) => [name(s), s.value]));
    if (text.value.trim()) asked.set("text", text.value.trim());
    const query = String(asked);
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  };
  const read = () => {
    const asked = new URLSearchParams(location.search);
    for (const select of selects) select.value = asked.get(name(select)) || "";
    for (const select of selects) if (select.selectedIndex < 0) select.value = "";
    text.value = asked.get("text") || "";
  };
  const change = () => { apply(); write(); };
  // A link to a row must show that row, whatever the filter says. Rows of ids with a dot had the dot in their address.
  const reveal = () => {
    if (location.hash.includes(".")) return location.replace(location.hash.replaceAll(".", "-"));
    const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row) return;
    if (row.hidden) {
      form.reset();
      apply();
    }
    row.scrollIntoView();
  };
  const header = document.querySelector(".header-article, .bd-header-article");
  const place = () => {
    const top = header?.offsetHeight || 0;
    document.documentElement.style.setProperty("--ledger-top", top + "px");
    document.documentElement.style.setProperty("--ledger-under", top + form.offsetHeight + 8 + "px");
  };
  form.querySelector("details").open = selects.some((s) => new URLSearchParams(location.search).has(name(s)));
  form.addEventListener("input", change);
  form.addEventListener("reset", () => setTimeout(change));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  addEventListener("popstate", () => { read(); apply(); });
  form.querySelector("details").addEventListener("toggle", place);
  addEventListener("resize", place);
  form.hidden = false;
  place();
  read();
  apply();
  reveal();
});
