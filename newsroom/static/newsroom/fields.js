/*
 * Fields of a form that were refused.
 */

/** Marks the fields that are named in errors, {name: sentences}: what is wrong stands in `answer`. The first gets the
 * focus. */
export function markFields(form, errors, answer) {
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.name in errors) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", answer.id);
    } else {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }
  form.querySelector("[aria-invalid=true]")?.focus();
}
