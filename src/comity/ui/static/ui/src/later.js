// Scripts of single parts: asked for when somebody begins to use the part, by pointer, touch or key.
import htmx from 'htmx.org';
import { $, $$, on, place, root, rtl, say, T, typing } from './dom.js';
import { toast } from './toast.js';

let pressed = null;
const missed = []; // keys and clicks made while the script was on its way
const kit = { pressed: () => pressed, missed, htmx, $, $$, on, place, root, rtl, say, T, typing, toast };
/** Loads what the page's part wants; its script gets the tools of this one and the event it was loaded for. */
function load(e) {
  const part = $('[data-script]');
  if (!part || part.dataset.begun === 'on') return;
  if (e.type === 'keydown' || e.type === 'click') missed.push(e);
  if (part.dataset.begun || (e.type === 'pointerover' && !part.contains(e.target))) return;
  part.dataset.begun = 1;
  import(part.dataset.script).then(m => { part.dataset.begun = 'on'; m.default(kit, e); }, () => { delete part.dataset.begun; });
}
// What is pressed before the script is there: the script may take it up.
document.addEventListener('pointerdown', e => { if (e.isTrusted) pressed = e; }, { capture: true, passive: true });
for (const type of ['pointerup', 'pointercancel']) document.addEventListener(type, () => { pressed = null; }, { capture: true, passive: true });
for (const type of ['pointerover', 'pointerdown', 'keydown', 'focusin']) document.addEventListener(type, load, { capture: true, passive: true });
// What its script would do must not happen the other way while the script is on its way.
on('click', '[data-script] [aria-haspopup]', (e, el) => { if (el.closest('[data-script]').dataset.begun !== 'on') { e.preventDefault(); load(e); } }, true);
