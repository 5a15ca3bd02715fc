// The one script of all pages; each module does one thing.
import htmx from 'htmx.org';

// Pages have their own addresses; fragments never touch the history.
htmx.config.history = false;

import './look.js';
import './toast.js';
import './net.js';
import './float.js';
import './edit.js';
import './list.js';
import './palette.js';
import './combo.js';
import './forms.js';
import './keys.js';
import './live.js';
