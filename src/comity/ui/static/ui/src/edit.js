// Inline edit of fields and cells: Enter or leaving saves, Esc restores, Tab saves and opens the next one.
import htmx from 'htmx.org';
import { $, $$, on } from './dom.js';

const CONTROL = 'input:not([type=hidden]), select, textarea', first = new WeakMap(), lost = new WeakSet();
let after = null, pointer = false;
const data = f => new URLSearchParams(new FormData(f)).toString();
const holder = el => el.closest('.f, td[data-e], #tags');
const stops = () => $$('.f .ed, td[data-e]');
const openCell = td => htmx.ajax('GET', td.closest('table').dataset.cell
  .replace('{id}', td.parentNode.dataset.id).replace('{key}', td.dataset.e), { source: td, target: td, swap: 'outerHTML' });
const openStop = el => el?.matches('td') ? openCell(el) : el?.click();
const key = el => el && (el.id || `${el.parentNode.dataset.id} ${el.dataset.e}`);

/** Opens the editor of the first cell in a row that can be edited there. */
export const editRow = row => { const td = $('td[data-e]', row); if (td) openCell(td); return !!td; };

addEventListener('pointerdown', () => { pointer = true; }, true);
addEventListener('keydown', () => { pointer = false; }, true);
on('click', 'td[data-e]:not(.editing)', (e, td) => {
  if (!e.target.closest('a, button, input, label') && !String(getSelection())) openCell(td);
});
on('focusin', 'form.fe', (e, f) => { if (!first.has(f)) first.set(f, data(f)); });

function save(f, then) {
  if (f.dataset.busy) return;
  if (data(f) === first.get(f) && !$('.err', f)) return cancel(f, then);
  after = { ...then, row: f.closest('tr') };
  f.requestSubmit();
}
function cancel(f, then) {
  after = { ...then, row: f.closest('tr') };
  $('[data-cancel]', f)?.click();
}
on('focusout', 'form.fe', (e, f) => {
  if (f.contains(e.relatedTarget)) return;
  setTimeout(() => {
    if (!f.isConnected || f.contains(document.activeElement) || f.dataset.busy || after) return;
    if (data(f) !== first.get(f)) save(f, { how: 'leave' });
    else if (!$('.err', f)) cancel(f, { how: 'leave' });
  });
});
on('change', 'form.fe:not(.many) select', (e, el) => { if (pointer) save(el.form, { how: 'stay' }); });
on('keydown', 'form.fe', (e, f) => {
  if (e.defaultPrevented || e.isComposing) return;
  if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); cancel(f, { how: 'stay' }); }
  else if (e.key === 'Enter' && (e.target.matches('input, select') || (e.target.matches('textarea') && (e.ctrlKey || e.metaKey)))) {
    e.preventDefault();
    save(f, { how: 'stay' });
  } else if (e.key === 'Tab') {
    const all = $$(CONTROL, f).filter(x => x.offsetParent), edge = e.shiftKey ? all[0] : all.at(-1);
    if (e.target !== edge) return;
    // The next stop is named, not kept: saving replaces the elements.
    const list = [...$$('.f .ed, td[data-e], form.fe')].map(x => x === f ? x : x.matches('form') ? null : x).filter(Boolean)
      .filter(x => x === f || !x.contains(f));
    const to = list[list.indexOf(f) + (e.shiftKey ? -1 : 1)];
    if (!to) return;
    e.preventDefault();
    save(f, { how: 'next', to: key(to.matches('td') ? to : holder(to)) });
  }
}, true);
addEventListener('htmx:after:swap', e => {
  const { ctx } = e.detail, was = after;
  if (!ctx.target?.matches?.('.f, td, #tags')) return;
  const id = ctx.target?.id, now = ctx.target?.isConnected ? ctx.target : id ? document.getElementById(id) : null;
  const box = now || $('td.editing, .f.editing');
  const form = box && $('form.fe', box);
  if (form) {
    after = null;
    const field = $('[aria-invalid]', form) || $$(CONTROL, form).find(x => x.offsetParent);
    field?.focus();
    if (field?.matches('input') && !field.matches('[aria-invalid]')) field.select();
    return;
  }
  if (!was) return;
  after = null;
  if (box && $('.clash', box)) return;
  if (was.how === 'next') openStop(stops().find(x => key(x.matches('td') ? x : holder(x)) === was.to));
  else if (was.how === 'stay') (was.row ? $('.nm a', was.row) : box && ($('.ed', box) || $('a', box)))?.focus();
});
// No answer was swapped in: the editor is still open, and leaving it must save again.
addEventListener('htmx:finally:request', e => { if (e.detail.ctx.sourceElement.closest?.('form.fe')) after = null; });
// Without a line: what stands in the editor is nowhere else.
addEventListener('htmx:error', e => { const f = e.detail.ctx?.sourceElement; if (f?.matches?.('form.fe, form.clash')) lost.add(f); });
addEventListener('beforeunload', e => { if ($$('form.fe, form.clash').some(f => lost.has(f))) e.preventDefault(); });

// Settings: each change saves itself; the next waits for the answer, which brings the new version.
function saveCard(f) {
  if (f.dataset.busy) { f.dataset.again = 1; return; }
  delete f.dataset.again;
  f.requestSubmit();
}
on('change', 'form.auto', (e, f) => saveCard(f));
addEventListener('htmx:before:swap', e => {
  const { ctx } = e.detail, f = ctx.sourceElement;
  if (!f.dataset.again || ctx.response.status >= 400) return;
  // A later change waits: showing this answer would undo it, so only the new version is taken over.
  const answer = new DOMParser().parseFromString(ctx.text, 'text/html');
  for (const name of ['version', 'idempotency']) {
    const fresh = $(`[name=${name}]`, answer), mine = $(`[name=${name}]`, f);
    if (fresh && mine) mine.value = fresh.value;
  }
  e.preventDefault();
});
addEventListener('htmx:finally:request', () => $$('form.auto[data-again]').forEach(saveCard));
