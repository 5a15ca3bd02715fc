// Today: one form open at a time; what is left when a line is gone takes the focus.
export default function today({ $, $$, on }) {
  let opener = null, place = 0;
  const lines = () => $$('#list tbody tr');
  // While a form is open the lines stay as they are (live.js).
  function begin(form) {
    $('#list').dataset.hold = 1;
    ($('[aria-invalid]', form) || $('textarea, select, input:not([type=hidden])', form))?.focus();
  }
  function shut() {
    const row = $('#do')?.closest('tr');
    $('#do')?.remove();
    delete $('#list').dataset.hold;
    document.dispatchEvent(new Event('change'));
    (opener?.isConnected ? opener : row && $('.nm a', row))?.focus();
  }
  on('click', '#list .nx button', (e, b) => { opener = b; }, true);
  on('click', '#do [data-cancel]', e => { e.preventDefault(); shut(); });
  on('keydown', '#do', e => { if (e.key === 'Escape') { e.preventDefault(); shut(); } });
  addEventListener('htmx:before:swap', e => {
    const { ctx } = e.detail, row = ($('#do') || (opener?.isConnected && opener))?.closest?.('tr');
    if (ctx.request?.method === 'POST') place = Math.max(0, lines().indexOf(row));
    else if (ctx.text?.includes('id="do"')) $('#do')?.remove();
  });
  addEventListener('htmx:after:swap', e => {
    const { ctx } = e.detail, form = $('#do');
    if (form && (ctx.target === '#do' || ctx.target?.id === 'do' || ctx.sourceElement.id?.startsWith('line-'))) begin(form);
    else if (ctx.target?.id === 'list' && ctx.request?.method === 'POST') {
      // Something was done: the line is gone or has another place.
      const left = lines(), next = left[Math.min(place, left.length - 1)];
      $('#dlg')?.close();
      ((next && $('.nm a', next)) || $('#main'))?.focus();
    }
  });
  // The form may have come before this script.
  if ($('#do')) begin($('#do'));
}
