// The board: cards move by drag, keys and menu. They land at once; the server has the last word.
let kit, Sortable, loading, held, current;
const busy = new Map(); // card -> where it goes next, or null: a move is on its way

const board = () => kit.$('#board');
const cols = () => kit.$$('.col', board());
const colOf = card => card.closest('.col');
const colBy = key => cols().find(c => c.dataset.c === key);
const cardsOf = col => kit.$$('.kc', col);
const list = col => kit.$('.cards', col);
const title = card => kit.$('a', card).textContent;
const texts = () => JSON.parse(board().dataset.texts);
const find = id => document.getElementById(id);

/** Puts a card where its column's order has it: late, without a next step, to come. */
function put(card, col) {
  const next = cardsOf(col).find(c => c !== card && (c.dataset.o > card.dataset.o || (c.dataset.o === card.dataset.o && c.id > card.id)));
  const before = next || kit.$('.next', col), at = list(col), focused = card.contains(document.activeElement) && document.activeElement;
  if (card.parentNode === at && card.nextElementSibling === before) return;
  at.insertBefore(card, before);
  focused && focused.focus({ preventScroll: true }); // who moves an element takes its focus away
}
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
function animate(change) {
  const focused = document.activeElement;
  const run = () => { change(); if (focused?.isConnected && focused !== document.body) focused.focus({ preventScroll: true }); };
  if (calm() || !document.startViewTransition) run(); else document.startViewTransition(run);
}

/** Takes a card to a column, or asks how it ends. */
function move(card, key) {
  if (!card || card.dataset.c === key && !busy.has(card.id)) return;
  if (busy.has(card.id)) { busy.set(card.id, key); return; }
  const col = colBy(key);
  if (col) {
    (colOf(card) === col ? f => f() : animate)(() => { put(card, col); kit.$('a', card).focus({ preventScroll: true }); card.scrollIntoView({ block: 'nearest', inline: 'nearest' }); });
    kit.say(`${title(card)}: ${kit.$('h2', col).textContent}`);
  }
  send(card, key);
}
function send(card, key) {
  busy.set(card.id, null);
  card.classList.add('sent');
  kit.htmx.ajax('POST', board().dataset.url, {
    source: board(), target: board(), swap: 'none', moved: { id: card.id, key },
    values: { id: card.id, version: card.dataset.v, to: key, query: kit.$('#mv [name=query]').value, idempotency: crypto.randomUUID?.() ?? `${Date.now()}${Math.random()}` },
  });
}
/** Back to the column the server knows it in. */
function back(card) {
  const col = colBy(card.dataset.c);
  if (col && colOf(card) !== col) animate(() => put(card, col));
}
function again(card, key, text) {
  const button = document.createElement('button');
  kit.toast(text, 'bad');
  button.textContent = texts().again;
  button.onclick = () => { button.closest('.toast').remove(); move(card, key); };
  kit.$('#toasts .toast')?.append(button);
}
/** Cards stand where they belong; what came back from the server may say otherwise than the screen. */
function settle() {
  for (const col of cols()) for (const card of cardsOf(col)) if (card.dataset.c !== col.dataset.c && !busy.has(card.id)) back(card);
}
function answered(e) {
  const { ctx } = e.detail, moved = ctx.moved;
  if (!moved) return;
  const card = find(moved.id), then = busy.get(moved.id), status = ctx.response?.status ?? 0;
  busy.delete(moved.id);
  if (!card) return;
  card.classList.remove('sent');
  if (status >= 200 && status < 300) {
    if (!then) put(card, colOf(card)); // its next step may be another one now
    card.classList.add('moved');
    setTimeout(() => card.classList.remove('moved'), 900);
    if (then && then !== card.dataset.c) move(card, then);
  } else {
    back(card);
    kit.say(`${title(card)}: ${kit.$('h2', colOf(card)).textContent}`);
    if (!status || status >= 500) again(card, moved.key, status ? texts().failed : texts().line);
  }
  settle();
}

// --- the menu --------------------------------------------------------------------------------------------------------

function openMenu(card) {
  const menu = kit.$('#move'), at = kit.$('.more', card);
  if (!at) return;
  current = card;
  for (const b of kit.$$('[data-to]', menu)) b.hidden = b.dataset.to === card.dataset.c;
  kit.$('#move-open').href = kit.$('a', card).href;
  menu.showPopover();
  requestAnimationFrame(() => { kit.place(menu, at); kit.$('button:not([hidden])', menu)?.focus(); });
}

// --- keys ------------------------------------------------------------------------------------------------------------

function key(e) {
  if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || !board() || kit.typing(e.target)) return;
  if (kit.$('dialog[open], #move:popover-open')) return;
  const letters = kit.root.dataset.keys !== 'off', card = e.target.closest?.('.kc');
  const forth = kit.rtl() ? 'ArrowLeft' : 'ArrowRight', fore = kit.rtl() ? 'ArrowRight' : 'ArrowLeft';
  if (!card) {
    if (letters && !e.shiftKey && 'jk'.includes(e.key)) { const first = kit.$('.kc a', board()); if (first) { e.preventDefault(); first.focus(); } }
    return;
  }
  const all = cols(), at = all.indexOf(colOf(card)), mine = cardsOf(all[at]), i = mine.indexOf(card);
  const go = to => { e.preventDefault(); if (to) kit.$('a', to).focus(); };
  const step = { [forth]: 1, [fore]: -1 }[e.key];
  if (step && e.shiftKey) { e.preventDefault(); if (all[at + step] && kit.$('.more', card)) move(card, all[at + step].dataset.c); return; }
  if (e.shiftKey) return;
  if (step) {
    let n = at + step;
    while (all[n] && !cardsOf(all[n]).length) n += step;
    if (all[n]) { const there = cardsOf(all[n]); go(there[Math.min(i, there.length - 1)]); }
  } else if (e.key === 'ArrowDown' || (letters && e.key === 'j')) go(mine[i + 1]);
  else if (e.key === 'ArrowUp' || (letters && e.key === 'k')) go(mine[i - 1]);
  else if (letters && /^[1-9]$/.test(e.key) && all[e.key - 1] && kit.$('.more', card)) { e.preventDefault(); move(card, all[e.key - 1].dataset.c); }
  else if (letters && e.key === 'm') { e.preventDefault(); openMenu(card); }
}

// --- drag ------------------------------------------------------------------------------------------------------------

/** Sortable looks where the pointer is twenty times a second: a quick hand lets go in between. */
const arrive = () => Sortable?.active?._emulateDragOver();
function release() {
  const el = board();
  kit.$('#zones').hidden = true;
  delete el.dataset.hold;
  el.dispatchEvent(new Event('change', { bubbles: true })); // the live part may follow again
}
/** A press that became no drag. */
const letGo = () => setTimeout(() => { if (!held && board()?.dataset.hold) release(); });
/** Makes columns and zones take cards; those of a redrawn board anew. */
function arm() {
  const shared = { group: 'board', draggable: '.kc', animation: calm() ? 0 : 160, forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5,
    delay: 220, delayOnTouchOnly: true, touchStartThreshold: 6, ghostClass: 'ghost', dragClass: 'drag', filter: '.more', preventOnFilter: false,
    scroll: true, bubbleScroll: true, scrollSensitivity: 60, direction: 'vertical' };
  for (const part of [...cols().map(list), ...kit.$$('.zone')]) {
    if (Sortable.get(part)) continue;
    Sortable.create(part, { ...shared, sort: false,
      onStart: e => { held = e.item; board().dataset.hold = 1; kit.$('#zones').hidden = false; },
      onMove: e => { kit.$$('.over').forEach(o => o.classList.remove('over')); e.to.closest('.col, .zone').classList.add('over'); },
      onEnd: e => {
        kit.$$('.over').forEach(o => o.classList.remove('over'));
        const card = e.item, to = e.to.closest('.zone')?.dataset.to ?? colOf(card)?.dataset.c;
        held = null;
        if (e.from !== e.to && e.to.matches('.zone')) put(card, e.from.closest('.col'));
        else if (e.from !== e.to) put(card, colOf(card));
        if (to && to !== card.dataset.c) move(card, to);
        release();
      },
    });
  }
}
/** The script of dragging comes with the first hold; the hold it came for counts. */
async function hold(e) {
  if (!e.target.closest?.('.board .kc:has(.more)')) return;
  // From now on: a newer board would take the card away from under the finger before the drag begins.
  if (e.type === 'pointerdown' && !e.button && kit.pressed()) board().dataset.hold = 1;
  if (Sortable) return;
  const first = loading;
  loading ??= import(board().dataset.drag);
  ({ default: Sortable } = await loading);
  arm();
  const down = kit.pressed();
  if (!first && down?.target.isConnected) down.target.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true,
    pointerId: down.pointerId, pointerType: down.pointerType, button: down.button, clientX: down.clientX, clientY: down.clientY, isPrimary: true }));
}

/** Begins: with the tools of the page's script and the event that asked for this one. */
export default function begin(tools, first) {
  kit = tools;
  board().dataset.begun = 'on';
  document.addEventListener('keydown', key);
  document.addEventListener('pointerdown', e => { if (e.isTrusted) hold(e); }, true);
  document.addEventListener('pointerover', e => { if (e.pointerType === 'mouse' && !Sortable) hold(e); });
  kit.on('click', '.board .more', (e, el) => { e.preventDefault(); openMenu(el.closest('.kc')); });
  kit.on('click', '#move [data-to]', (e, el) => { kit.$('#move').hidePopover(); move(current, el.dataset.to); });
  kit.$('#move').addEventListener('toggle', e => { if (e.newState === 'closed' && document.activeElement === document.body) kit.$('a', current)?.focus(); });
  addEventListener('htmx:finally:request', answered);
  addEventListener('htmx:after:swap', e => { if (!board()) return; board().dataset.begun = 'on'; if (!held) settle(); if (Sortable) arm(); });
  // A refresh brings as many cards as are on the screen.
  addEventListener('htmx:config:request', e => {
    const { ctx } = e.detail;
    if (ctx.sourceElement.id === 'board' && ctx.request.method === 'GET') for (const col of cols()) ctx.request.body.set(`n-${col.dataset.c}`, cardsOf(col).length);
  });
  for (const end of ['pointerup', 'touchend']) document.addEventListener(end, arrive, true);
  for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, letGo, true);
  const missed = kit.missed.splice(0), click = missed.findLast(e => e.type === 'click');
  missed.forEach(e => e.type === 'keydown' && key(e));
  if (click) openMenu(click.target.closest('.kc'));
  else hold(kit.pressed() ?? first);
}
