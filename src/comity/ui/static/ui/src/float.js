// Menus, the one popover and the one dialog. Menus open without scripts too; this puts them beside their button.
import htmx from 'htmx.org';
import { $, $$, on, place } from './dom.js';

const dlg = $('#dlg'), body = $('#dlg-body'), pop = $('#pop');
let opener;
on('click', '[popovertarget], [hx-target="#pop"]', (e, el) => { opener = el; }, true);
document.addEventListener('beforetoggle', e => {
  if (e.newState !== 'open' || !e.target.matches?.('.menu, .pop')) return;
  const at = opener;
  // Drawn, but not yet painted: it can be measured.
  requestAnimationFrame(() => { if (at?.isConnected) place(e.target, at); });
}, true);
// A turned phone or a resized window moves the button; what floats goes with it.
addEventListener('resize', () => $$('.menu:popover-open, .pop:popover-open').forEach(p => opener?.isConnected && place(p, opener)));
on('keydown', '.menu, .pop .list', (e, menu) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!step) return;
  e.preventDefault();
  const all = $$('a, button', menu), i = all.indexOf(document.activeElement);
  all[(i + step + all.length) % all.length]?.focus();
});

/** Opens the page behind a link as a short form in the dialog. */
on('click', 'a[data-quick]', (e, a) => {
  if (!dlg || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  a.closest('[popover]')?.hidePopover();
  htmx.ajax('GET', `${a.getAttribute('href')}${a.search ? '&' : '?'}quick=1`, { source: a, target: body });
});
addEventListener('htmx:before:swap', e => {
  const { ctx, tasks } = e.detail, main = tasks.some(t => t.type === 'main');
  if (e.defaultPrevented || main) return;
  if (ctx.target === body) { body.replaceChildren(); dlg.close(); }
  if (pop?.contains(ctx.target)) pop.hidePopover();
});
addEventListener('htmx:after:swap', e => {
  const { target } = e.detail.ctx;
  if (target === body && body.childElementCount) {
    $$('[popover]:popover-open').forEach(p => p.id === 'toasts' || p.hidePopover());
    if (!dlg.open) dlg.showModal();
    ($('[autofocus], [aria-invalid]', body) || $('.fld :is(input:not([type=hidden]), select, textarea)', body) || $('.acts button', body))?.focus();
  } else if (target === pop && pop.childElementCount) {
    if (!pop.matches(':popover-open')) pop.showPopover();
    else place(pop, opener);
    $('a, button:not([tabindex="-1"]), input:not([type=hidden]), select', pop)?.focus();
  }
});
dlg?.addEventListener('close', () => body.replaceChildren());
pop?.addEventListener('toggle', e => {
  if (e.newState === 'closed') { pop.replaceChildren(); if (document.activeElement === document.body) opener?.focus?.(); }
});
on('click', 'dialog [data-cancel]', (e, el) => { e.preventDefault(); el.closest('dialog').close(); });
on('click', 'dialog', (e, el) => { if (e.target === el) el.close(); });
