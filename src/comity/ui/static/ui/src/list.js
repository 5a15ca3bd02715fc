// Rows: select with Shift, all of the page, all of the filter; keys J K X, arrows, Shift and arrows.
import { $, $$, on, T, typing, root } from './dom.js';
import { editRow } from './edit.js';

const bulk = $('#bulk');
let last = null;
const boxes = () => $$('tbody input[name=id]');
const rows = () => $$('.tbl tbody tr');
function count() {
  if (!bulk) return;
  const all = boxes(), n = all.filter(b => b.checked).length, head = $('[data-all]'), more = $('[data-select-all]');
  head.checked = n > 0 && n === all.length;
  head.indeterminate = n > 0 && n < all.length;
  if (!head.checked) bulk.all.value = '';
  if (more) more.hidden = !head.checked || bulk.all.value === '1';
  $('.lbl', bulk).textContent = bulk.all.value === '1' && more ? more.textContent : T.selected?.replace('%s', n);
}
on('click', 'tbody input[name=id]', (e, box) => {
  const all = boxes(), i = all.indexOf(box);
  if (e.shiftKey && last !== null) all.slice(Math.min(i, last), Math.max(i, last) + 1).forEach(b => { b.checked = box.checked; });
  last = i;
  count();
});
on('click', '[data-all]', (e, head) => { boxes().forEach(b => { b.checked = head.checked; }); count(); });
on('click', '[data-select-all]', () => { bulk.all.value = '1'; count(); });
bulk?.addEventListener('reset', () => setTimeout(() => { last = null; bulk.all.value = ''; count(); }));
addEventListener('pageshow', count);
addEventListener('htmx:after:swap', count);

/** Handles a key on a list; true when it did something. */
export function listKey(e) {
  const all = rows();
  if (!all.length || typing(e.target) || e.ctrlKey || e.metaKey || e.altKey) return false;
  const row = e.target.closest?.('tbody tr'), letters = root.dataset.keys !== 'off';
  const step = { ArrowDown: 1, ArrowUp: -1, ...(letters && { j: 1, k: -1 }) }[e.key];
  if (step && (row || e.key.length === 1)) {
    const to = row ? all[all.indexOf(row) + step] : all[0];
    if (!to) return true;
    if (e.shiftKey && row) [row, to].forEach(r => { const b = $('[name=id]', r); if (b && !b.checked) b.click(); });
    $('.nm a', to)?.focus();
    return true;
  }
  if (!row || !letters) return false;
  if (e.key === 'x') { $('[name=id]', row)?.click(); return true; }
  return e.key === 'e' && editRow(row);
}
