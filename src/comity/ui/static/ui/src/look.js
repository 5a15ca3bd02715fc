// Theme and density: a cookie per device, so the server draws the right one and no page flashes.
import { on, root } from './dom.js';

export function setLook(name, value) {
  if (value) root.dataset[name] = value; else delete root.dataset[name];
  document.cookie = `${name}=${value}; path=/; max-age=${value ? 31536000 : 0}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
}
for (const name of ['theme', 'density'])
  on('click', `[data-${name}-set]`, (e, el) => {
    setLook(name, el.dataset[`${name}Set`]);
    el.closest('[popover]')?.hidePopover();
  });
