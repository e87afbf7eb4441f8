// The page: a feed, a store, and the view that the address asks for.

import { announceChanges } from './announcer.js';
import { BreakerView } from './breaker-view.js';
import { setAttribute, setText } from './dom.js';
import { follow } from './feed.js';
import { ListView } from './list-view.js';
import { Session } from './session.js';
import { Store } from './store.js';
import { askToken } from './token-dialog.js';

const LINK = { connecting: 'connecting', live: 'live', lost: 'not connected, trying again', locked: 'needs a token' };

const store = new Store();
const session = new Session();
const content = document.getElementById('content');
let view;
/** The list was scrolled to here when it was left. */
let listTop = 0;

function route(isFirst) {
  const name = nameIn(location.hash);
  if (view instanceof ListView) listTop = window.scrollY;
  const wasBreaker = view instanceof BreakerView;
  view?.close();
  view = name === undefined ? new ListView(store) : new BreakerView(store, session, name);
  content.replaceChildren(view.node);
  view.render();
  document.title = name === undefined ? 'Breakers' : `${name.slice(0, 80)} - Breakers`;
  window.scrollTo(0, name === undefined ? listTop : 0);
  if (!isFirst && (name !== undefined || wasBreaker)) view.focus();
}

function nameIn(hash) {
  const [, encoded] = /^#\/breaker\/(.+)$/s.exec(hash) ?? [];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function showLink(state) {
  const link = document.getElementById('link');
  setAttribute(link, 'data-state', state);
  setText(document.getElementById('link-text'), LINK[state]);
  if (state !== 'live') return;
  const shown = (facts) => {
    document.getElementById('token-button').hidden = !facts.needsToken;
    view?.render();
  };
  session.ask().then(shown, () => {});
}

function isTyping({ target }) {
  return target.closest('input, textarea, select, dialog') !== null;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (event.key === '/' && view instanceof ListView) {
    event.preventDefault();
    view.search.focus();
  } else if (event.key === 'Escape' && view instanceof BreakerView) location.hash = '#/';
});

document
  .getElementById('token-button')
  .addEventListener('click', () => void askToken(session, { write: false }).then(() => view.render()));
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});
window.addEventListener('hashchange', () => route(false));
announceChanges(store, document.getElementById('announcer'));
showLink('connecting');
route(true);

await follow(session, {
  message: (event, data) => {
    if (event === 'full' || event === 'rows') store.take(data, event === 'full');
    else if (event === 'beat') store.take(data, false);
  },
  state: showLink,
  refused: async () => {
    session.use('');
    while (!(await askToken(session, { write: false }))) {
      // Nothing can be shown without one: the button in the corner asks again.
      await new Promise((resolve) => document.getElementById('token-button').addEventListener('click', resolve, { once: true }));
    }
  },
});
