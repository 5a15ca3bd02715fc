// Keys: their list stands in Help, which "?" opens. Single letters never fire in fields and can be switched off.
import { $, $$, root, typing } from './dom.js';
import { listKey } from './list.js';
import { openPalette } from './palette.js';

let g = 0;
document.addEventListener('keydown', e => {
  if (e.defaultPrevented || e.isComposing) return;
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') { e.preventDefault(); return openPalette(); }
  if (e.altKey || typing(e.target) || $('dialog[open]')) return;
  if (e.ctrlKey || e.metaKey) {
    // The message with Undo stays 8 seconds: too short to walk to it.
    const undo = e.code === 'KeyZ' && !e.shiftKey && !e.repeat && $('#toasts form button');
    if (undo) { e.preventDefault(); undo.click(); }
    return;
  }
  if (e.key === 'F1') { e.preventDefault(); return $('[data-help]')?.click(); }
  if (listKey(e)) return e.preventDefault();
  if (root.dataset.keys === 'off' || e.key.length !== 1) return;
  const key = e.key.toLowerCase();
  if (Date.now() - g < 1500) {
    g = 0;
    const to = $$('[data-nav]').find(a => a.dataset.nav[0] === key);
    if (to) { e.preventDefault(); return to.click(); }
  }
  if (key === 'g') { g = Date.now(); return; }
  if (key === '/') { e.preventDefault(); return openPalette(); }
  if (key === '?') { e.preventDefault(); return $('[data-help]')?.click(); }
  const el = $(`[data-key="${CSS.escape(key)}"]`);
  if (!el) return;
  e.preventDefault();
  el.matches('textarea, input') ? el.focus() : el.click();
});
