// Short names for what every module needs.
export const root = document.documentElement;
export const $ = (s, r = document) => r.querySelector(s);
export const $$ = (s, r = document) => [...r.querySelectorAll(s)];
export const T = JSON.parse($('#i18n')?.textContent || '{}');
export const rtl = () => root.dir === 'rtl';

/** One listener on the document for all elements that fit, now and later. */
export const on = (type, selector, run, capture = false) =>
  document.addEventListener(type, e => {
    const el = e.target.closest?.(selector);
    if (el) run(e, el);
  }, capture);

/** Runs the option that was pressed even if a newer answer took its place before the button was let go: no click comes then. */
export function heldDown(list, run) {
  let pressed = null;
  list.addEventListener('mousedown', e => { pressed = e.target.closest('[role=option]:not(.none)'); });
  addEventListener('mouseup', () => { if (pressed && !pressed.isConnected) run(pressed); pressed = null; });
}

/** True while the person types: single-letter keys must do nothing then. */
export const typing = el =>
  !!el.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]');

/** Reads a sentence out to screen readers. */
export const say = text => {
  $('#say').textContent = '';
  requestAnimationFrame(() => { $('#say').textContent = text; });
};

/** Places a floating part next to an element; mirrored in right-to-left, kept inside the window. */
export function place(part, at, fit = false) {
  const b = at.getBoundingClientRect();
  if (fit) part.style.minWidth = `${b.width}px`;
  part.style.margin = 0;
  const m = part.getBoundingClientRect(), gap = 4;
  // Fields and what stands at the start side grow towards the end; buttons at the end side grow back.
  const atStart = fit || (rtl() ? innerWidth - b.right : b.left) < innerWidth / 2;
  const left = atStart === rtl() ? b.right - m.width : b.left;
  const below = b.bottom + gap, above = b.top - m.height - gap;
  part.style.left = `${Math.max(8, Math.min(innerWidth - m.width - 8, left))}px`;
  part.style.top = `${Math.max(8, below + m.height > innerHeight - 8 && above > 8 ? above : Math.min(below, innerHeight - m.height - 8))}px`;
}
