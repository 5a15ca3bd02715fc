// Drafts of long forms: kept by the server every 2 s, and by this device as long as the server can't be reached.
import { $, $$, on, root, T } from './dom.js';
import { start, stop } from './net.js';
import { toast } from './toast.js';

const EVERY = 2000, PATIENCE = 15000, NO_LINE = 0, KEPT = 204;
const mine = `draft ${root.dataset.me} `, dirty = new Set(), sending = new Set();
let turn = Promise.resolve();
/** The form as it would be posted, but for what belongs to one loading of the page. */
function typed(f) {
  const out = new URLSearchParams();
  for (const [k, v] of new FormData(f))
    if (typeof v === 'string' && k !== 'idempotency' && !f.elements[k]?.matches?.('[type=password]')) out.append(k, v);
  return out.toString();
}
const url = key => `/drafts/${encodeURIComponent(key)}`;
/** One after the other, so that an older draft never comes last. */
const send = (key, body) => turn = turn.then(() => fetch(url(key), {
  method: 'POST', body: new URLSearchParams(body), headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(PATIENCE),
})).then(answer => answer.status, () => NO_LINE);
/** The server has it, or never wants it. */
const settled = status => status === KEPT || (status >= 400 && status < 500);

// A browser that lets no page store anything keeps what is typed on the page alone.
function hold(key, body) { try { localStorage.setItem(mine + key, body); } catch { /* as above */ } }
function drop(key) { try { localStorage.removeItem(mine + key); } catch { /* as above */ } }
function held() {
  try { return Object.entries(localStorage).filter(([k]) => k.startsWith(mine)).map(([k, body]) => [k.slice(mine.length), body]); }
  catch { return []; }
}

async function save(f) {
  const key = f.dataset.draft, body = typed(f);
  dirty.delete(f);
  sending.add(f);
  const status = await send(key, body);
  sending.delete(f);
  if (settled(status)) drop(key);
  else { hold(key, body); dirty.add(f); }
  return status;
}
for (const type of ['input', 'change']) on(type, 'form[data-draft]', (e, f) => dirty.add(f));
setInterval(() => dirty.forEach(f => { if (!f.isConnected) dirty.delete(f); else if (!sending.has(f)) save(f); }), EVERY);
addEventListener('pagehide', () => new Set([...dirty, ...sending]).forEach(f => {
  if (!f.isConnected) return;
  hold(f.dataset.draft, typed(f));
  navigator.sendBeacon(url(f.dataset.draft), new URLSearchParams(typed(f)));
}));
on('submit', 'form[action^="/drafts/"]', () => { // thrown away: not to be sent once more
  dirty.clear();
  sending.clear();
  $$('form[data-draft]').forEach(f => drop(f.dataset.draft));
}, true);

// A form that leaves the page is kept as a draft first: without a line it stays, and nothing is lost on the way.
on('submit', 'form[data-draft]', async (e, f) => {
  if (f.matches('[hx-post]')) { dirty.delete(f); return; }
  e.preventDefault();
  if (f.dataset.busy) return;
  f.dataset.busy = 1;
  start();
  const status = await save(f);
  stop();
  if (status && status < 500) {
    dirty.delete(f);
    f.submit();
  } else {
    delete f.dataset.busy;
    toast(status ? T.failed : T.line, 'bad');
  }
}, true);
addEventListener('htmx:finally:request', e => {
  const { sourceElement: f, response } = e.detail.ctx;
  if (f.matches?.('form[data-draft]') && f.isConnected && !(response?.status < 400)) dirty.add(f);
});

// What this device holds goes to the server; its form, if it is on this page, shows it again.
held().forEach(async ([key, body]) => {
  const f = $(`form[data-draft="${CSS.escape(key)}"]`), other = f && typed(f) !== body;
  if (other) f.inert = true;
  const status = await send(key, body);
  if (settled(status)) drop(key);
  if (!other) return;
  if (status === KEPT) location.reload();
  else f.inert = false;
});
