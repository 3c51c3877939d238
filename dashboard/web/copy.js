// Buttons that copy what stands beside them; without this script it can be selected by hand.
const MOMENT = 2500;

function show() {
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
}

// Text with its paragraphs and lists where the browser can, plain otherwise.
async function copied(source) {
  const plain = source.innerText;
  if (!navigator.clipboard) return selected(source);
  if (source.childElementCount === 0 || !globalThis.ClipboardItem) return navigator.clipboard.writeText(plain);
  const types = { "text/plain": plain, "text/html": source.innerHTML };
  const blobs = Object.entries(types).map(([type, text]) => [type, new Blob([text], { type })]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}

// Browsers give no clipboard to pages that came over http.
function selected(source) {
  getSelection().selectAllChildren(source);
  if (!document.execCommand("copy")) throw new Error("not copied");
}

async function copy(button) {
  const status = button.parentElement.querySelector("[data-copied]");
  const title = button.textContent;
  try {
    await copied(document.querySelector(button.dataset.copies));
    status.textContent = button.textContent = "Copied";
  } catch {
    status.textContent = button.textContent = "Not copied: please select and copy it";
  }
  setTimeout(() => {
    button.textContent = title;
    status.textContent = "";
  }, MOMENT);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copies]");
  if (button) copy(button);
});
document.addEventListener("htmx:after:swap", show);
show();
