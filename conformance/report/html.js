(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // Light and dark: the system's choice until the reader makes another.
  const theme = byId("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  const remember = (use) => { try { return use(localStorage); } catch { return null; } };
  const chosen = remember((s) => s.getItem("mtrack-report-theme"));
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    remember((s) => s.setItem("mtrack-report-theme", root.dataset.theme));
    name();
  });
  name();
  theme.hidden = false;

  // The filter: all words must occur.
  const filter = byId("filter"), found = byId("found"), nothing = byId("nothing");
  const items = [...document.querySelectorAll("[data-item]")].map((element) => ({ element, text: element.textContent.toLowerCase() }));
  const cases = items.filter((item) => item.element.matches(".case"));
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { element, text } of items) element.hidden = !words.every((word) => text.includes(word));
    for (const body of document.querySelectorAll(".matrix tbody")) body.hidden = !body.querySelector("[data-item]:not([hidden])");
    const left = cases.filter((item) => !item.element.hidden).length;
    found.textContent = `${left} of ${cases.length} cases`;
    found.hidden = words.length === 0;
    nothing.hidden = left > 0;
  });
  filter.hidden = false;

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const text = button.previousElementSibling.textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    button.hidden = false;
  }

  // A link from the matrix or the index opens the case that it leads to.
  const open = () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details")) return;
    for (let around = target; around; around = around.parentElement.closest("details")) around.open = true;
    target.hidden = false;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
