// Words that a press puts into a box where the cursor stands: fields and functions of a formula.
import { $$, on } from './dom.js';

function wake() {
  $$('[data-word]').forEach(el => { el.tabIndex = 0; el.role = 'button'; });
}
wake();
addEventListener('htmx:after:swap', wake);

function put(e, el) {
  const box = document.getElementById(el.closest('[data-words]').dataset.words);
  if (!box) return;
  e.preventDefault();
  box.setRangeText(el.textContent, box.selectionStart, box.selectionEnd, 'end');
  box.dispatchEvent(new Event('input', { bubbles: true }));
  box.focus();
}
on('click', '[data-word]', put);
on('keydown', '[data-word]', (e, el) => { if (e.key === 'Enter' || e.key === ' ') put(e, el); });
