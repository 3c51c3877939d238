// The opt-out as it appears within a page of a website: a box to tick, its words, and what became of the last choice.

const CHECKBOX = "trackVisits";

const add = (parent, name, properties) => parent.appendChild(Object.assign(document.createElement(name), properties));

const paragraph = (parent, role) => {
  const made = add(parent, "p", { hidden: true });
  if (role) made.setAttribute("role", role);
  return made;
};

const put = (element, text) => {
  element.textContent = text;
  element.hidden = !text;
};

// Build it in `container`, without inline styles or handlers: a page's policy may forbid them. Returns what shows a
// state: `counted` (null: not known), and `problem` and `message` in words.
export const makeBox = (container, { texts, showIntro, language, style }, chosen) => {
  Object.assign(container.style, style);
  Object.assign(container, { lang: language, dir: "ltr", textContent: "" });
  const problem = add(paragraph(container, "alert"), "strong");
  const intro = paragraph(container);
  const choice = paragraph(container);
  const id = document.getElementById(CHECKBOX) ? `${CHECKBOX}-${container.id}` : CHECKBOX;
  const checkbox = add(choice, "input", { type: "checkbox", id, autocomplete: "off" });
  choice.append(" ");
  const label = add(add(add(choice, "label", { htmlFor: id }), "strong"), "span");
  const status = paragraph(container, "status");
  status.hidden = false; // Screen readers announce only what changes in an element that they know.
  checkbox.addEventListener("change", () => chosen(checkbox.checked));

  return ({ counted, problem: wrong = "", message = "" }) => {
    put(problem, wrong);
    problem.parentNode.hidden = !wrong;
    choice.hidden = counted === null;
    checkbox.checked = counted === true;
    put(label, counted ? `${texts.counted} ${texts.counted_action}` : `${texts.out} ${texts.out_action}`);
    const about = counted ? `${texts.counted_intro} ${texts.counted_note}` : `${texts.out_intro} ${texts.out_note}`;
    put(intro, showIntro && counted !== null ? about : "");
    status.textContent = message;
  };
};

// Say on the page that the element is missing which the opt-out was to appear in.
export const warnOfMissing = (id, text) => {
  const warning = document.createElement("div");
  warning.id = `${id}-warning`;
  add(add(warning, "p"), "strong", { textContent: text.replace("{id}", id) });
  document.body.prepend(warning);
  console.error(`Opt-out: this page has no element with the id "${id}".`);
};
