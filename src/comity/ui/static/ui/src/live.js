// One event stream per browser: the tab that holds the lock listens and tells the others.
import htmx from 'htmx.org';
import { $, $$, root, say } from './dom.js';
import { toast } from './toast.js';

const url = root.dataset.stream, waiting = new Set();
let timer, stop;
const open = el => $('form.fe', el) || (el.id === 'list' && $('input[name=id]:checked', el));
function refresh() {
  if (document.hidden || !waiting.size) return;
  for (const el of $$('[data-live]')) {
    const mine = el.dataset.live.split(' ');
    if (mine.some(t => waiting.has(t)) && !open(el)) htmx.trigger(el, 'live');
  }
  waiting.clear();
}
function hear({ topics = [], text }) {
  topics.forEach(t => waiting.add(t));
  clearTimeout(timer);
  timer = setTimeout(refresh, 250);
  if (text && !document.hidden) { toast(text); say(text); }
}
if (url) {
  const others = new BroadcastChannel('comity-live');
  others.onmessage = e => hear(e.data);
  const listen = () => new Promise(done => {
    const stream = new EventSource(url);
    stream.onmessage = e => { const m = JSON.parse(e.data); hear(m); others.postMessage(m); };
    stop = () => { stream.close(); done(); };
  });
  const start = () => {
    const quit = new AbortController();
    // Locks exist on safe origins only; without them each tab has its own stream.
    if (navigator.locks) navigator.locks.request('comity-live', { signal: quit.signal }, listen).catch(() => {});
    else listen();
    addEventListener('pagehide', () => { quit.abort(); stop?.(); stop = null; }, { once: true });
  };
  start();
  addEventListener('pageshow', e => {
    if (!e.persisted) return;
    start();
    $$('[data-live]').forEach(el => open(el) || htmx.trigger(el, 'live'));
  });
  document.addEventListener('visibilitychange', refresh);
}
