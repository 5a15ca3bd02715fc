// Today: one form open at a time; what is left when a line is gone takes the focus.
import { $, $$, on } from './dom.js';

let opener = null, place = 0;
const lines = () => $$('#list tbody tr');
function shut() {
  const at = $('#do')?.closest('tr');
  $('#do')?.remove();
  (opener?.isConnected ? opener : at && $('.nm a', at))?.focus();
}
on('click', '#list [hx-get*="/done"], #list [hx-get*="/later"], #list [hx-get*="/give"]', (e, a) => {
  opener = a;
  place = lines().indexOf(a.closest('tr'));
}, true);
on('click', '#do [data-cancel]', e => { e.preventDefault(); shut(); });
on('keydown', '#do', e => { if (e.key === 'Escape') { e.preventDefault(); shut(); } });
addEventListener('htmx:before:swap', e => {
  const { ctx } = e.detail;
  if (ctx.request?.method === 'GET' && ctx.text?.includes('id="do"')) $('#do')?.remove();
});
addEventListener('htmx:after:swap', e => {
  const { ctx } = e.detail, form = $('#do');
  if (form && (ctx.target === '#do' || ctx.target?.id === 'do' || ctx.target?.id?.startsWith('l-'))) {
    ($('[aria-invalid]', form) || $('textarea, select, input:not([type=hidden])', form))?.focus();
  } else if (ctx.target?.id === 'list' && ctx.request?.method === 'POST') {
    // Something was done: the line is gone or has another place.
    $('#dlg')?.close();
    const pop = $('#pop');
    if (pop?.matches(':popover-open')) pop.hidePopover();
    const left = lines(), next = left[Math.min(place, left.length - 1)];
    ($('.nm a', next || document.createElement('i')) || $('#main'))?.focus();
  }
});
