// The ledger's filter: by text, verdict, error, chapter, who states it, wording, evidence; also from the address (?verdict=v-refuted).
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".ledger-tools");
  if (!form) return;
  const text = document.getElementById("ledger-text");
  const count = document.getElementById("ledger-count");
  const selects = ["verdict", "error", "chapter", "origin", "wording", "kind"].map((name) => document.getElementById("ledger-" + name));
  const rows = [...document.querySelectorAll(".ledger-row")];
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
  // A link to a row must show that row, whatever the filter says.
  const reveal = () => {
    const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row || !row.hidden) return;
    form.reset();
    apply();
    row.scrollIntoView();
  };
  const asked = new URLSearchParams(location.search);
  for (const select of selects) select.value = asked.get(select.id.replace("ledger-", "")) || "";
  for (const select of selects) if (select.selectedIndex < 0) select.value = "";
  text.value = asked.get("text") || "";
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", reveal);
  form.hidden = false;
  apply();
  reveal();
});
