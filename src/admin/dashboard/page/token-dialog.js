// Asks for a token.

import { element, showDialog } from './dom.js';
import { Refused } from './session.js';

let asking;

/**
 * Asks for a token that the server accepts. One dialog at a time.
 * @param {import('./session.js').Session} session
 * @param {{ write: boolean }} want - `write`: one that may change something
 * @returns whether there is one now
 */
export function askToken(session, { write }) {
  asking ??= ask(session, write).finally(() => {
    asking = undefined;
  });
  return asking;
}

function ask(session, write) {
  const token = element('input', { id: 'token', type: 'password', required: true, autocomplete: 'off', spellcheck: 'false' });
  const problem = element('p', { class: 'problem', role: 'alert' });
  const submit = element('button', { type: 'submit', class: 'primary', text: 'Use it' });
  let isGood = false;
  const send = async (event) => {
    event.preventDefault();
    problem.textContent = '';
    submit.disabled = true;
    try {
      const facts = await session.look(token.value.trim());
      if (write && !facts.mayWrite) {
        problem.textContent = facts.needsToken ? 'This token may only read.' : 'This server has no write token: it only shows.';
      } else {
        session.use(token.value.trim());
        session.facts = facts;
        isGood = true;
        dialog.close();
      }
    } catch (error) {
      problem.textContent =
        error instanceof Refused
          ? sentence(error.message)
          : 'The server cannot be reached, or a token cannot have these characters.';
    } finally {
      submit.disabled = false;
      token.focus();
    }
  };
  const form = element(
    'form',
    { method: 'dialog', submit: (event) => void send(event) },
    element('h2', { id: 'token-title', text: write ? 'Write token' : 'Token' }),
    element('p', {
      text: `${write ? 'Changes need' : 'This dashboard needs'} a token. It stays in this tab until you close it.`,
    }),
    element('label', { for: 'token', text: 'Token' }),
    token,
    problem,
    element(
      'div',
      { class: 'dialog-buttons' },
      element('button', { type: 'button', text: 'Cancel', click: () => dialog.close() }),
      submit,
    ),
  );
  const dialog = element('dialog', { 'aria-labelledby': 'token-title' }, form);
  return showDialog(dialog, token).then(() => isGood);
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
