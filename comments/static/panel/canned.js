/* Words to authors that are kept ready: the link on a card becomes a list of them, in the author's language. */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";

const known = new Map(); // language → promise of [{id, reason, text}]

function texts(language) {
  if (!known.has(language)) {
    const asked = api("GET", `moderation/texts/?language=${language}`).then(({ data }) => data.results);
    asked.catch(() => known.delete(language));
    known.set(language, asked);
  }
  return known.get(language);
}

/** link: [data-canned] of panel/reasoned.html; onText(text): one was chosen. */
export function offerTexts(link, language, onText) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const found = await texts(language);
      const place = found.length ? choice(found, onText) : document.createElement("span");
      if (!found.length) place.textContent = say("queue_no_texts");
      link.replaceWith(place);
      place.focus();
    } catch (problem) {
      link.textContent = sayProblem(problem);
    }
  });
}

function choice(found, onText) {
  const select = document.createElement("select");
  select.setAttribute("aria-label", say("queue_texts"));
  select.append(new Option(say("queue_texts"), ""));
  for (const reason of new Set(found.map((each) => each.reason))) {
    const group = Object.assign(document.createElement("optgroup"), { label: say(`reason_${reason}`) });
    group.append(...found.filter((each) => each.reason === reason).map(({ id, text }) => new Option(text, id)));
    select.append(group);
  }
  select.addEventListener("change", () => {
    const chosen = found.find(({ id }) => String(id) === select.value);
    if (chosen) onText(chosen.text);
  });
  return select;
}
