// Combobox after the ARIA pattern: the server finds, the arrows choose. Also @mentions in a note.
import { $, $$, heldDown, on, place, say, T } from './dom.js';

let active = null; // { box, list, pick }
let timer, turn = 0;
const options = () => active ? $$('.o:not(.none)', active.list) : [];
// A note with a mention stays a plain text box.
const expand = (box, is) => { if (box.matches('[role=combobox]')) box.setAttribute('aria-expanded', is); };

function close() {
  if (!active) return;
  if (active.list.matches(':popover-open')) active.list.hidePopover();
  expand(active.box, false);
  active.box.removeAttribute('aria-activedescendant');
  active = null;
}
function choose(i) {
  const all = options();
  all.forEach((o, n) => { o.id ||= `${active.list.id}-${n}`; o.setAttribute('aria-selected', n === i); });
  if (all[i]) { active.box.setAttribute('aria-activedescendant', all[i].id); all[i].scrollIntoView({ block: 'nearest' }); }
}
async function ask(url, q, next) {
  const mine = ++turn;
  try {
    const answer = await fetch(`${url}${url.includes('?') ? '&' : '?'}q=${encodeURIComponent(q)}`, { headers: { 'HX-Request': 'true' } });
    if (!answer.ok || mine !== turn || !next.box.isConnected || document.activeElement !== next.box) return;
    const html = await answer.text();
    if (mine !== turn) return;
    if (active?.list !== next.list) close();
    active = next;
    next.list.innerHTML = html;
    if (!next.list.matches(':popover-open')) next.list.showPopover();
    place(next.list, next.box, true);
    expand(next.box, true);
    const n = options().length;
    if (n) choose(0);
    say(n ? T.found?.replace('%s', n) : T.none);
  } catch { /* no line: what is typed stays, the server resolves it by its text */ }
}
const later = (...args) => { clearTimeout(timer); timer = setTimeout(() => ask(...args), 150); };

function pickInto(cb, box) {
  return o => {
    const multi = cb.dataset.name;
    if (!multi) {
      $('input[type=hidden]', cb).value = o.dataset.value || '';
      box.value = o.dataset.title ?? box.value;
    } else {
      const label = document.createElement('label'), tick = document.createElement('input'), text = document.createElement('span');
      const fresh = o.matches('[data-new]'), value = fresh ? box.value.trim() : o.dataset.value;
      if (![...$$('input[type=checkbox]', cb)].some(x => x.value === value && (x.checked = true))) {
        Object.assign(tick, { type: 'checkbox', name: fresh ? `${multi}_new` : multi, value, checked: true });
        text.dir = 'auto';
        text.textContent = fresh ? value : o.dataset.title;
        label.className = 'chip on';
        label.append(tick, text);
        $('.chips', cb).append(label);
      }
      box.value = '';
    }
    close();
    box.dispatchEvent(new Event('change', { bubbles: true }));
  };
}
const combo = box => {
  const cb = box.closest('[data-cb]');
  return { box, list: $('[role=listbox]', cb), pick: pickInto(cb, box), url: cb.dataset.cb };
};
on('input', '[data-cb] [role=combobox]', (e, box) => {
  const c = combo(box);
  if (!box.closest('[data-cb]').dataset.name) $('input[type=hidden]', box.closest('[data-cb]')).value = '';
  later(c.url, box.value.trim(), c);
});
on('click', '[data-cb] [role=combobox]', (e, box) => { if (active?.box !== box) { const c = combo(box); ask(c.url, '', c); } });

on('input', 'textarea[data-mention]', (e, box) => {
  const start = box.value.slice(0, box.selectionStart), at = /(?:^|\s)@([^\s@]{1,30})$/.exec(start);
  if (!at) { turn++; clearTimeout(timer); return close(); }
  let list = $('#mention-list');
  if (!list) {
    list = Object.assign(document.createElement('ul'), { id: 'mention-list', popover: 'manual', className: 'cbl' });
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', '@');
  }
  box.after(list);
  const pick = o => {
    const from = start.length - at[1].length;
    box.setRangeText(`${o.dataset.title} `, from, box.selectionStart, 'end');
    box.form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'mention', value: o.dataset.value }));
    close();
  };
  later('/lookup/user', at[1], { box, list, pick });
});
// The focus stays in the box, so a press on the list must not take it away.
on('mousedown', '[role=listbox]', e => { if (active) e.preventDefault(); });
on('click', '[role=listbox] .o:not(.none)', (e, o) => { if (active?.list.contains(o)) active.pick(o); });
heldDown(document, o => active?.pick(o));
document.addEventListener('focusout', e => { if (active?.box === e.target) close(); });
document.addEventListener('keydown', e => {
  if (!active || e.target !== active.box) {
    if (e.key === 'ArrowDown' && e.target.matches?.('[data-cb] [role=combobox]')) { e.preventDefault(); const c = combo(e.target); ask(c.url, e.target.value.trim(), c); }
    return;
  }
  const all = options(), i = all.findIndex(o => o.getAttribute('aria-selected') === 'true'), step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step && all.length) choose((i + step + all.length) % all.length);
  else if (e.key === 'Enter' && all[i]) active.pick(all[i]);
  else if (e.key === 'Escape') { turn++; clearTimeout(timer); close(); } // an answer on its way must not open it again
  else return;
  e.preventDefault();
  e.stopPropagation();
}, true);
