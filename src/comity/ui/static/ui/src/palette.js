// The palette: htmx asks the server, this moves the choice and runs it.
import htmx from 'htmx.org';
import { $, $$, heldDown, on } from './dom.js';
import { setLook } from './look.js';

const pal = $('#pal'), list = $('#pal-list'), box = pal && $('input', pal);
const options = () => $$('.o:not(.none)', list);
function choose(i) {
  const all = options();
  all.forEach((o, n) => o.setAttribute('aria-selected', n === i));
  if (all[i]) { box.setAttribute('aria-activedescendant', all[i].id); all[i].scrollIntoView({ block: 'nearest' }); }
  else box.removeAttribute('aria-activedescendant');
}
function run(o) {
  pal.close();
  if (o.dataset.do) setLook(...o.dataset.do.split(':'));
  else location.assign(o.dataset.href);
}
export function openPalette() {
  if (!pal || pal.open) return;
  pal.showModal();
  box.select();
  htmx.trigger(box, 'open');
}
on('click', '[data-palette]', (e) => {
  if (!pal || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  openPalette();
});
box?.addEventListener('keydown', e => {
  const all = options(), i = all.findIndex(o => o.getAttribute('aria-selected') === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step && all.length) { e.preventDefault(); choose((i + step + all.length) % all.length); }
  // While the answer is on its way, Enter opens the full search instead of an older hit.
  else if (e.key === 'Enter' && all[i] && !box.classList.contains('htmx-request') && box.dataset.shown === box.value) { e.preventDefault(); run(all[i]); }
});
list?.addEventListener('click', e => { const o = e.target.closest('.o:not(.none)'); if (o) run(o); });
list && heldDown(list, run);
addEventListener('htmx:after:swap', e => {
  if (e.detail.ctx.target !== list) return;
  box.dataset.shown = new URLSearchParams(e.detail.ctx.request.action.split('?')[1]).get('q') ?? '';
  choose(0);
});
