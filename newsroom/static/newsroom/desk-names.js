"use strict";
// Names for what the admin's theme leaves without one: screen readers say "edit, blank" there, and the keyboard does
// not reach the menus beside fields. Some of it is drawn by scripts, and again after each choice.
// In a block: at the top of a script a function called "name" takes the place of `window.name`, which pop-ups need.
{
  const words = () => document.querySelector("template[data-desk-words]")?.dataset ?? {};

  function labelOf(element) {
    const row = element.closest(".field-row, .form-row, td, fieldset");
    return row?.querySelector("label, legend")?.textContent.replace("*", "").trim() ?? "";
  }

  function name(element, text) {
    if (text && !element.hasAttribute("aria-label")) element.setAttribute("aria-label", text);
  }

  function nameSelects() {
    for (const box of document.querySelectorAll(".select2-container")) {
      const select = box.previousElementSibling;
      const own = select?.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent;
      const label = own || labelOf(box);
      const parts = ".select2-selection, [role=textbox], .select2-search__field, [role=combobox]";
      for (const part of box.querySelectorAll(parts)) {
        name(part, label.replace("*", "").trim() || select?.getAttribute("aria-label"));
      }
    }
    const searches = ".select2-dropdown .select2-search__field, .select2-results__options";
    for (const part of document.querySelectorAll(searches)) {
      name(part, words().search);
    }
  }

  /** Chosen entries stand in a list that holds more than entries: no list, then, but a group with a name. */
  function mendLists() {
    for (const list of document.querySelectorAll("ul.select2-selection__rendered")) {
      for (const part of [list, ...list.children]) part.setAttribute("role", "none");
    }
  }

  /** In a table of fields the column's head names each field; a head without words belongs to the row's buttons. */
  function nameCells() {
    for (const head of document.querySelectorAll("table thead th")) {
      if (head.textContent.trim() || head.children.length || !words().more) continue;
      const hidden = document.createElement("span");
      hidden.className = "desk-hidden";
      hidden.textContent = words().more;
      head.append(hidden);
    }
    for (const input of document.querySelectorAll("td :is(input:not([type=hidden]), select, textarea)")) {
      if (input.labels?.length || input.hasAttribute("aria-label")) continue;
      const cell = input.closest("td");
      const head = cell.closest("table").querySelectorAll("thead th")[cell.cellIndex];
      name(input, head?.textContent.replace("*", "").trim());
    }
  }

  function nameParts() {
    for (const input of document.querySelectorAll("input[placeholder]:not([aria-label])")) {
      const hasLabel = input.labels?.length > 0 && input.labels[0].textContent.trim();
      if (hasLabel && !/_[01]$/.test(input.id)) continue;
      name(input, [labelOf(input), input.placeholder].filter(Boolean).join(", "));
    }
    for (const opener of document.querySelectorAll('[x-ref^="relatedWidgetWrapper"]')) {
      if (opener.getAttribute("role") === "button") continue;
      opener.setAttribute("role", "button");
      opener.tabIndex = 0;
      name(opener, [labelOf(opener), words().more].filter(Boolean).join(": "));
      opener.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        opener.click();
      });
    }
  }

  function nameAll() {
    document.getElementById("main")?.setAttribute("role", "main");
    nameSelects();
    mendLists();
    nameParts();
    nameCells();
  }

  document.addEventListener("DOMContentLoaded", () => {
    nameAll();
    // At once, not with the next frame: whoever reads the page may come before that.
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  });
}
