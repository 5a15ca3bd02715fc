// One event stream per browser: the tab that holds the lock listens and tells the others.
import htmx from 'htmx.org';
import { $, $$, root, say } from './dom.js';
import { toast } from './toast.js';

const url = root.dataset.stream, waiting = new Set(), owed = new Set(), EVERYTHING = 'all', AGAIN = 15000;
let timer, stop, last;
// Somebody works in this part: a field is open, both versions stand there to choose from, rows are chosen, a card is held.
const open = el => el.dataset.hold || $('form.fe, form.clash', el) || (el.id === 'list' && $('input[name=id]:checked', el));
function refresh() {
  if (document.hidden || !waiting.size) return;
  for (const el of $$('[data-live]'))
    if (waiting.has(EVERYTHING) || el.dataset.live.split(' ').some(t => waiting.has(t))) owed.add(el.id);
  waiting.clear();
  pay();
}
/** Reloads the parts that have fallen behind; one somebody works in waits until he is done. */
function pay() {
  if (!owed.size || document.hidden) return;
  for (const el of $$('[data-live]')) if (owed.has(el.id) && !open(el)) { owed.delete(el.id); htmx.trigger(el, 'live'); }
}
addEventListener('htmx:before:swap', e => {
  // He began to work there while the answer was on its way.
  const el = e.detail.ctx.sourceElement;
  if (el.dataset.live && open(el)) { owed.add(el.id); e.preventDefault(); }
});
addEventListener('htmx:after:swap', pay);
for (const type of ['change', 'reset']) document.addEventListener(type, () => setTimeout(pay));
function hear({ topics = [], text, seq = last }) {
  last = seq;
  topics.forEach(t => waiting.add(t));
  clearTimeout(timer);
  timer = setTimeout(refresh, 250);
  if (text && !document.hidden) { toast(text); say(text); }
}
if (url) {
  const others = new BroadcastChannel('comity-live');
  others.onmessage = e => hear(e.data);
  const tell = m => { hear(m); others.postMessage(m); };
  const listen = () => new Promise(done => {
    let stream, again;
    const connect = () => {
      // Who takes the stream over hears what was said since the last word.
      stream = new EventSource(last === undefined ? url : `${url}?after=${last}`);
      stream.onmessage = e => tell(JSON.parse(e.data));
      // The browser comes back by itself after a lost line, but not after a proxy's word that the server starts anew.
      stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) again = setTimeout(connect, AGAIN); };
    };
    connect();
    stop = () => { clearTimeout(again); stream.close(); done(); };
  });
  const start = () => {
    const quit = new AbortController();
    // Locks exist on safe origins only; without them each tab has its own stream.
    if (navigator.locks) navigator.locks.request('comity-live', { signal: quit.signal }, listen).catch(() => {});
    else listen();
    addEventListener('pagehide', () => { quit.abort(); stop?.(); stop = null; }, { once: true });
  };
  start();
  addEventListener('pageshow', e => { if (e.persisted) { start(); hear({ topics: [EVERYTHING] }); } });
  document.addEventListener('visibilitychange', () => { refresh(); pay(); });
}
