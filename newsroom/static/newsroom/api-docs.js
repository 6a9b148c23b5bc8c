// The groups of the API's page are headings of the second level, though swagger-ui draws them as ones of the third and
// fourth; and its title stands in no landmark.
new MutationObserver(() => {
  for (const group of document.querySelectorAll(":is(h3.opblock-tag, .models > h4):not([aria-level])")) {
    group.setAttribute("aria-level", "2");
  }
  document.querySelector(".information-container:not([role])")?.setAttribute("role", "banner");
}).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
