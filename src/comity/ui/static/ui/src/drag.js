// Drag and drop for boards and lists that people order; loaded when somebody takes hold of something.
import Sortable, { AutoScroll } from 'sortablejs/modular/sortable.core.esm.js';

Sortable.mount(new AutoScroll());
export default Sortable;
