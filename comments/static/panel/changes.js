/* What is other in a text: words that went as <del>, words that came as <ins>. */
const MOST_WORDS = 400; // of each text: the table of both grows with their product

/** → nodes that show how `after` differs from `before`. */
export function changes(before, after) {
  const [was, is] = [before, after].map((text) => text.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS));
  const lengths = common(was, is);
  const nodes = [];
  let [i, j] = [0, 0];
  const put = (name, word) => {
    const last = nodes.at(-1);
    if (last?.localName === name) last.textContent += ` ${word}`;
    else nodes.push(Object.assign(document.createElement(name), { textContent: word }));
  };
  while (i < was.length || j < is.length) {
    if (i < was.length && was[i] === is[j]) {
      put("span", was[i]);
      [i, j] = [i + 1, j + 1];
    } else if (j < is.length && (i === was.length || lengths[i][j + 1] > lengths[i + 1][j])) {
      put("ins", is[j++]);
    } else {
      put("del", was[i++]);
    }
  }
  return nodes.flatMap((each) => [each, " "]);
}

/** [i][j]: how many words the rests from there on have in common, in order. */
function common(was, is) {
  const lengths = Array.from({ length: was.length + 1 }, () => new Uint16Array(is.length + 1));
  for (let i = was.length - 1; i >= 0; i -= 1) {
    for (let j = is.length - 1; j >= 0; j -= 1) {
      const both = Math.max(lengths[i + 1][j], lengths[i][j + 1]);
      lengths[i][j] = was[i] === is[j] ? lengths[i + 1][j + 1] + 1 : both;
    }
  }
  return lengths;
}
