// The calendar's grid. Its list tells the same without it; what is dropped here is asked about in the dialog.
const grid = document.getElementById('grid'), told = JSON.parse(document.getElementById('grid-data').textContent), T = told.texts;
const VIEWS = { day: 'timeGridDay', week: 'timeGridWeek', month: 'dayGridMonth' };
const MINUTE = 60000, two = n => String(n).padStart(2, '0');
// The calendar hands out dates whose local parts are what stands on the wall.
const wall = d => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
let ec = null, focus = '', back = null;

/** Opens the page behind an address in the dialog. */
function ask(url) {
  const a = document.createElement('a');
  a.href = url;
  a.dataset.quick = '';
  a.hidden = true;
  grid.append(a);
  a.click();
  a.remove();
}
function moved(event) {
  focus = event.id;
  ask(`/calendar/${event.id}/move?${new URLSearchParams({ due: wall(event.start), whole_day: event.allDay ? 1 : 0 })}`);
}
function stretched({ event, revert }) {
  back = revert;
  const form = document.getElementById('length');
  focus = event.id;
  form.elements.id.value = event.id;
  form.elements.version.value = event.extendedProps.version;
  form.elements.minutes.value = Math.round((event.end - event.start) / MINUTE);
  form.requestSubmit();
}
async function load({ startStr, endStr }) {
  const url = `${told.feed}${told.feed.endsWith('?') ? '' : '&'}from=${startStr.slice(0, 10)}&to=${endStr.slice(0, 10)}`;
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (!answer?.ok) { say(T.failed); return ec.getEvents(); }
  const { events, more } = await answer.json();
  grid.querySelector('.over')?.remove();
  if (more) say(T.over);
  return events;
}
function say(text) {
  grid.querySelector('.over')?.remove();
  const p = document.createElement('p');
  p.className = 'over';
  p.setAttribute('role', 'status');
  p.textContent = text;
  grid.append(p);
}
function content({ event, timeText }) {
  const a = document.createElement('a'), { about, who } = event.extendedProps;
  const part = (name, text) => {
    const el = document.createElement(name);
    el.textContent = text;
    if (name !== 'time') el.dir = 'auto';
    if (text) a.append(el, ' ');
  };
  a.href = `/tasks/${event.id}`;
  a.draggable = false;
  part('time', event.allDay ? '' : timeText);
  part('b', event.title);
  // A short one has room for its title only.
  if (event.end - event.start > 30 * MINUTE) part('small', [about, who].filter(Boolean).join(' · '));
  return { domNodes: [a] };
}
function dressed({ event, el }) {
  const { kind, about, who, done } = event.extendedProps;
  el.dataset.id = event.id;
  el.title = [kind, event.title, about, who, done && T.done].filter(Boolean).join(', ');
}
/** Shift and arrows move a task as dragging does: by half an hour, by a day. */
function keyed(e) {
  const el = e.target.closest('.ec-event[data-id]'), event = el && ec.getEventById(el.dataset.id);
  if (!event || !e.shiftKey || event.editable === false) return;
  const rtl = document.documentElement.dir === 'rtl' ? -1 : 1, day = 24 * 60, month = told.view === 'month';
  const step = { ArrowUp: month ? -7 * day : -30, ArrowDown: month ? 7 * day : 30, ArrowLeft: -day * rtl, ArrowRight: day * rtl }[e.key];
  if (!step || (event.allDay && Math.abs(step) < day)) return;
  e.preventDefault();
  e.stopPropagation();
  const start = new Date(event.start);
  start.setMinutes(start.getMinutes() + step);
  moved({ id: event.id, start, allDay: event.allDay });
}
function start() {
  ec = EventCalendar.create(grid, {
    view: VIEWS[told.view], date: told.day, timeZone: told.offset, locale: told.lang, firstDay: told.firstDay,
    headerToolbar: { start: '', center: '', end: '' }, height: '100%', nowIndicator: true, dayMaxEvents: true,
    slotMinTime: told.from, slotMaxTime: told.to, scrollTime: told.from, flexibleSlotTimeLimits: true, slotDuration: '00:30', snapDuration: '00:15',
    eventTimeFormat: clock, slotLabelFormat: clock, displayEventEnd: false, eventLongPressDelay: 220,
    dayHeaderFormat: told.view === 'month' ? { weekday: 'short' } : { weekday: 'short', day: 'numeric' },
    allDayContent: T.allDay, moreLinkContent: ({ num }) => T.more.replace('%s', num), buttonText: text => ({ ...text, close: T.close }),
    lazyFetching: false, slotEventOverlap: false,
    eventSources: [{ events: load }],
    eventContent: content, eventDidMount: dressed,
    dateClick: ({ date, allDay }) => told.plan && ask(`${told.plan}&${new URLSearchParams({ due_at: wall(date), ...(allDay && { whole_day: 1 }) })}`),
    eventDrop: ({ event, revert }) => { back = revert; moved(event); },
    eventResize: stretched,
    eventAllUpdated: () => { mark(); if (document.activeElement === document.body) refocus(); },
  });
  grid.addEventListener('keydown', keyed, true);
  let down = null;
  grid.addEventListener('pointerdown', e => { down = e; }, true);
  grid.addEventListener('click', e => {
    const el = e.target.closest('.ec-event[data-id]');
    if (!el || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    // What was dragged was not meant to be opened.
    if (e.detail && down && Math.hypot(e.clientX - down.clientX, e.clientY - down.clientY) > 5) return;
    focus = el.dataset.id;
    ask(`/calendar/${focus}?${new URLSearchParams({ next: told.here })}`);
  });
  const again = () => ec.refetchEvents();
  let saved = false;
  grid.addEventListener('live', again);
  // What was dropped and not saved goes back to its place.
  const end = () => { if (!saved) back?.(); back = null; saved = false; };
  addEventListener('htmx:before:swap', e => {
    const { request, response, sourceElement } = e.detail.ctx;
    if (request.method !== 'POST') return;
    if (response.status < 400) { saved = true; again(); }
    if (sourceElement.matches('#length')) end();
  });
  addEventListener('htmx:error', e => { if (e.detail.ctx?.sourceElement?.matches('#length')) end(); });
  document.getElementById('dlg').addEventListener('close', () => {
    end();
    // News may have drawn the task anew while the dialog was open: then there was nothing to give the focus back to.
    requestAnimationFrame(() => { if (document.activeElement === document.body) refocus(); });
  });
}
/** What the library says of its parts to screen readers is no table; each task is a link among the days. */
function mark() {
  grid.querySelector('.ec').setAttribute('role', 'group');
  const main = grid.querySelector('.ec-main');
  if (grid.querySelector('.ec-event a')) main.removeAttribute('tabindex');
  else main.tabIndex = 0; // an empty day scrolls by the keyboard too
  for (const el of grid.querySelectorAll('.ec [role]:not([role=button])')) el.removeAttribute('role');
  for (const el of grid.querySelectorAll('.ec aside')) el.setAttribute('role', 'none');
  for (const el of grid.querySelectorAll('.ec-event[tabindex]')) el.removeAttribute('tabindex');
  for (const name of ['aria-colindex', 'aria-rowindex', 'aria-colcount', 'aria-rowcount', 'aria-colspan', 'aria-rowspan'])
    for (const el of grid.querySelectorAll(`.ec [${name}], .ec[${name}]`)) el.removeAttribute(name);
  for (const [n, name] of ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].entries())
    if (!told.workDays.includes(n)) for (const cell of grid.querySelectorAll(`.ec-day.ec-${name}`)) cell.classList.add('off');
}
const refocus = () => { if (focus) grid.querySelector(`.ec-event[data-id="${CSS.escape(focus)}"] a`)?.focus(); };

if (grid.offsetParent) start();
else addEventListener('resize', function wait() { if (grid.offsetParent) { removeEventListener('resize', wait); start(); } });
