"use strict";

// A button at each block of code. Of a console or a session it copies what is typed: neither prompts nor output.
const SESSION = /^(?:>>> |\.\.\. ?)(.*)$/gm;
const TYPED = { console: /^\$ ((?:.*\\\n)*.*)$/gm, pycon: SESSION, python: SESSION };

function typed(block) {
  const [, language] = block.closest("[class^=highlight-]").className.split(/[- ]/);
  const text = block.textContent;
  const lines = TYPED[language] && text.match(/^(\$|>>>) /m) ? [...text.matchAll(TYPED[language])] : [];
  return lines.length ? lines.map((line) => line[1]).join("\n") : text;
}

function addButton(block) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(typed(block));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  block.parentElement.append(button);
}

// Browsers give the clipboard to pages alone that came safely.
if (navigator.clipboard) document.querySelectorAll("div.highlight > pre").forEach(addButton);
