// The one script of all pages; each module does one thing.
import htmx from 'htmx.org';

// Pages have their own addresses; fragments never touch the history.
htmx.config.history = false;
// Settling copies style attributes, which the content security policy forbids.
htmx.config.defaultSettleDelay = 0;
// What a person has unfolded stays so when a card comes anew.
htmx.config.morphIgnore = ['data-htmx-powered', 'open'];

import './look.js';
import './toast.js';
import './net.js';
import './float.js';
import './combo.js'; // before edit.js: an open list of choices takes Enter and Esc first
import './edit.js';
import './list.js';
import './palette.js';
import './forms.js';
import './drafts.js';
import './keys.js';
import './later.js';
import './live.js';
import './place.js';

// Now, not when htmx comes to it: what is pressed meanwhile would do nothing, or leave the page.
htmx.process(document.body);
