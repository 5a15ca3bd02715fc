// Long forms: rows that grow, date chips, files by drop, Ctrl+Enter. Their drafts: drafts.js.
import { $, $$, on } from './dom.js';

on('keydown', 'form textarea, form input', (e, el) => {
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && el.form && !el.form.matches('.fe')) { e.preventDefault(); el.form.requestSubmit(); }
});

/** Buttons that need scripts stay hidden until here. */
function wake(part) {
  $$('[data-days], [data-add-row], [data-del-row]', part).forEach(el => { el.hidden = false; });
}
wake(document);
addEventListener('htmx:after:swap', () => wake(document));

on('click', '[data-day]', (e, chip) => {
  const box = document.getElementById(chip.parentNode.dataset.days), day = new Date();
  day.setDate(day.getDate() + +chip.dataset.day);
  const iso = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
  box.value = box.type === 'date' ? iso : `${iso}T${box.value.split('T')[1] || '09:00'}`;
  box.dispatchEvent(new Event('change', { bubbles: true }));
  box.focus();
});
on('click', '[data-add-row]', (e, btn) => {
  const box = btn.closest('[data-rows]'), name = box.dataset.rows, count = box.querySelector(`[name="${name}-count"]`);
  const n = +count.value, old = $$('[data-row]', box).at(-1), row = old.cloneNode(true);
  count.value = n + 1;
  $$('[name], [id]', row).forEach(el => {
    if (el.name) el.name = el.name.replace(`${name}-${n - 1}-`, `${name}-${n}-`);
    if (el.id) el.id = el.id.replace(`-${n - 1}`, `-${n}`);
    if (el.type === 'radio') { el.value = n; el.checked = false; } else if (el.matches('input')) el.value = '';
    el.removeAttribute('aria-invalid');
    el.removeAttribute('aria-describedby');
  });
  $$('.err', row).forEach(el => el.remove());
  row.hidden = false;
  old.after(row);
  $('input:not([type=hidden])', row).focus();
});
on('click', '[data-del-row]', (e, btn) => {
  const row = btn.closest('[data-row]'), box = row.closest('[data-rows]');
  $$('input:not([type=hidden], [type=radio])', row).forEach(el => { el.value = ''; });
  row.hidden = true;
  ($('[data-add-row]', box)).focus();
});
on('dragover', '[data-drop]', (e, f) => { if (e.dataTransfer.types.includes('Files')) { e.preventDefault(); f.classList.add('over'); } });
on('dragleave', '[data-drop]', (e, f) => f.classList.remove('over'));
on('drop', '[data-drop]', (e, f) => {
  e.preventDefault();
  f.classList.remove('over');
  const box = $('input[type=file]', f);
  box.files = e.dataTransfer.files;
  box.dispatchEvent(new Event('change', { bubbles: true }));
});
on('click', '[data-copy]', (e, el) => navigator.clipboard?.writeText(el.dataset.copy));
// A word beside a formula is written into it, where the cursor stands.
on('click', '[data-put]', (e, el) => {
  const box = $('#i-formula');
  box.focus();
  document.execCommand('insertText', false, el.dataset.put);
});
