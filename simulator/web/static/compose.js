// From a finding to its line in the letter.

const text = document.getElementById("text");

document.getElementById("verdict").addEventListener("click", (event) => {
  const line = Number(event.target.closest("button[data-line]")?.dataset.line);
  if (!line) return;
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  text.scrollTop = (line - 4) * parseFloat(getComputedStyle(text).lineHeight);
});
