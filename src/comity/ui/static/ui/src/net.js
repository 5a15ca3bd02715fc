// What goes over the line: the thin bar, double sends, and answers that are no fragment.
import { $, on, root, T } from './dom.js';
import { toast } from './toast.js';

let open = 0, timer;
export const start = () => { if (!open++) timer = setTimeout(() => root.classList.add('busy'), 150); };
export const stop = () => {
  open = Math.max(0, open - 1);
  if (!open) { clearTimeout(timer); root.classList.remove('busy'); }
};
addEventListener('htmx:before:request', start);
addEventListener('htmx:finally:request', stop);
window.navigation?.addEventListener('navigate', e => {
  if (e.destination.sameDocument || e.hashChange || e.downloadRequest !== null) return;
  start();
  setTimeout(stop, 10000); // a file that is saved never leaves the page
});
addEventListener('pageshow', e => {
  if (!e.persisted) return;
  open = 0; stop();
  document.querySelectorAll('[data-busy]').forEach(el => delete el.dataset.busy);
});

// A second press while the first is on its way does nothing.
addEventListener('htmx:config:request', e => {
  const { ctx } = e.detail, el = ctx.sourceElement;
  if (ctx.request.method === 'GET') return;
  if (el.dataset.busy) return e.preventDefault();
  el.dataset.busy = 1;
});
addEventListener('htmx:finally:request', e => { delete e.detail.ctx.sourceElement.dataset.busy; });
addEventListener('submit', e => {
  const f = e.target;
  if (e.defaultPrevented || f.method !== 'post') return;
  if (f.dataset.busy) e.preventDefault();
  f.dataset.busy = 1;
  if (!('file' in f.dataset)) return;
  // Its answer is a file: the page stays, ready for the next one, which with another choice is another request.
  setTimeout(() => { delete f.dataset.busy; f.dataset.unsent = 1; stop(); }, 1500);
});

// What is typed after an answer was lost is something else than what may have been saved: it gets a key of its own.
addEventListener('htmx:error', e => { const el = e.detail.ctx?.sourceElement; if (el?.matches?.('form')) el.dataset.unsent = 1; });
on('input', 'form[data-unsent]', (e, f) => {
  delete f.dataset.unsent;
  const key = $('[name=idempotency]', f);
  if (key) key.value = [...crypto.getRandomValues(new Uint8Array(16))].map(n => n.toString(16).padStart(2, '0')).join('');
});

addEventListener('htmx:before:swap', e => {
  const { ctx } = e.detail, { status, raw } = ctx.response, whole = /^\s*<!doctype/i.test(ctx.text);
  if (ctx.select) {
    // A reload of one part: the page must hold that part, else the person was sent elsewhere.
    if (status >= 400 || !ctx.text.includes(`id="${ctx.select.slice(1)}"`)) e.preventDefault();
  } else if (whole && status < 400) {
    e.preventDefault();
    location.assign(raw.url);
  } else if (whole && status === 409 && ctx.sourceElement.matches('form')) {
    // Both versions need a page of their own: the form is sent again, as without scripts.
    e.preventDefault();
    ctx.sourceElement.submit();
  } else if (status >= 400 && (whole || ![409, 422].includes(status)) && !ctx.text.includes('hx-swap-oob')) {
    e.preventDefault();
    toast(T.failed, 'bad');
  }
});
// "More fields" and the like: the button of an htmx form that must leave the page.
on('click', '[data-plain]', (e, el) => {
  e.preventDefault();
  e.stopPropagation();
  const data = new FormData(el.form);
  data.delete('idempotency');
  location.assign(`${el.getAttribute('formaction')}?${new URLSearchParams(data)}`);
}, true);
