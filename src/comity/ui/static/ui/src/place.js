// The place of a card in the list it was opened from: the list keeps its order for this tab, the card finds itself in it.
import { $, $$ } from './dom.js';

const path = location.pathname, key = url => `list ${url}`;

/** Keeps the ids of the rows as they stand now, with the addresses before and after them. */
function keep() {
  const list = $('#list[data-at]');
  if (!list) return;
  sessionStorage.setItem(key(path), JSON.stringify({
    url: path + location.search, at: +list.dataset.at, total: list.dataset.total, ids: $$('tbody [data-id]', list).map(r => r.dataset.id),
    prev: $('.foot [rel=prev]')?.href, next: $('.foot [rel=next]')?.href,
  }));
}
function show(box) {
  const list = JSON.parse(sessionStorage.getItem(key(box.dataset.place)) || 'null'), i = list ? list.ids.indexOf(path.split('/').pop()) : -1;
  if (i < 0) return;
  $('.num', box).textContent = `${(list.at + i + 1).toLocaleString(document.documentElement.lang)} / ${list.total}`;
  // At either end of the page the arrow leads to the list's next page.
  for (const [rel, step] of [['prev', -1], ['next', 1]]) {
    const id = list.ids[i + step], to = id ? box.dataset.place + id : list[rel], a = $(`[rel=${rel}]`, box);
    if (to) a.href = to; else a.remove();
  }
  $$('[data-back]').forEach(a => { a.href = list.url; });
  box.hidden = false;
}
try {
  keep();
  addEventListener('htmx:after:swap', keep);
  $$('[data-place]').forEach(show);
} catch { /* no storage in this browser: the card shows no place */ }
// A strip of pages or views wider than the window begins at the chosen one.
$$(':is(.tabs, .side) [aria-current]').forEach(a => a.scrollIntoView({ block: 'nearest', inline: 'center' }));
