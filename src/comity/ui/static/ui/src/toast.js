// Messages, most with Undo: they stay 8 seconds, longer while the pointer or the focus is on them.
import { $, T } from './dom.js';

const box = $('#toasts'), STAY = 8000;

export function toast(text, tone = '') {
  const el = document.createElement('div'), span = document.createElement('span');
  el.className = `toast ${tone}`;
  span.textContent = text;
  el.append(span);
  box.replaceChildren(el);
}
const held = el => el.matches(':hover, :focus-within');
function watch(el) {
  setTimeout(function end() { held(el) ? setTimeout(end, 1000) : el.remove(); }, STAY);
}
function shown() {
  const all = [...box.children];
  all.filter(el => !el.dataset.seen).forEach(el => { el.dataset.seen = 1; watch(el); });
  // A manual popover lies above an open dialog; showing it again puts it on top.
  if (box.matches(':popover-open')) box.hidePopover();
  if (all.length) box.showPopover();
}
box.popover = 'manual';
new MutationObserver(shown).observe(box, { childList: true });
shown();
addEventListener('htmx:error', e => {
  const err = e.detail.error;
  if (err?.name !== 'AbortError') toast(err instanceof TypeError || err === 'timeout' ? T.line : T.failed, 'bad');
});
