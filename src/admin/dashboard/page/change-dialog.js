// Asks before a breaker is changed: what, why, for how long.

import { element, showDialog } from './dom.js';
import { Refused } from './session.js';
import { askToken } from './token-dialog.js';

/** What can be done, with what it means for callers. */
export const ACTIONS = {
  forceOpen: {
    button: 'Force open',
    title: 'Force open',
    effect: 'Every call is refused, or answered by a fallback, until it ends or is released.',
    expires: true,
    tone: 'bad',
  },
  forceClosed: {
    button: 'Force closed',
    title: 'Force closed',
    effect: 'No call is refused, however the dependency does, until it ends or is released.',
    expires: true,
    tone: 'hand',
  },
  setMode: {
    button: 'Mode',
    title: 'Set the mode',
    effect: 'Enforce refuses calls; observe judges and refuses none; off does neither.',
    expires: true,
    tone: 'hand',
  },
  release: {
    button: 'Release',
    title: 'Release',
    effect: 'Back to its own judgement, and to the mode of its policy.',
    expires: false,
    tone: 'good',
  },
  reset: {
    button: 'Reset',
    title: 'Reset',
    effect: 'Closed as new: its window and what it has learned are forgotten.',
    expires: false,
    tone: 'hand',
  },
};

const EXPIRIES = [
  ['5 minutes', 5],
  ['15 minutes', 15],
  ['1 hour', 60],
  ['4 hours', 240],
  ['24 hours', 1_440],
];

/** Asks, and does it. Resolves when the dialog is closed. */
export async function changeBreaker(session, breaker, action) {
  if (!session.facts?.mayWrite && !(await askToken(session, { write: true }))) return;
  await dialogFor(session, breaker, action);
}

function dialogFor(session, { name, label }, action) {
  const { title, effect, expires, tone } = ACTIONS[action];
  const reason = element('input', {
    id: 'reason',
    type: 'text',
    required: true,
    maxlength: '300',
    autocomplete: 'off',
    placeholder: 'for those who find it later',
  });
  const expiry = element(
    'select',
    { id: 'expiry' },
    ...EXPIRIES.map(([text, minutes]) => element('option', { value: String(minutes * 60_000), text, selected: minutes === 15 })),
  );
  const modes = ['enforce', 'observe', 'off'].map((mode) =>
    element('label', {}, element('input', { type: 'radio', name: 'mode', value: mode, checked: mode === 'observe' }), ` ${mode}`),
  );
  const user = element('input', { id: 'user', type: 'text', maxlength: '100', autocomplete: 'name', value: session.user });
  const problem = element('p', { class: 'problem', role: 'alert' });
  const submit = element('button', { type: 'submit', class: 'primary', 'data-tone': tone, text: title });
  const cancel = element('button', { type: 'button', text: 'Cancel', click: () => dialog.close() });
  const send = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = '';
    try {
      const mode = action === 'setMode' ? new FormData(form).get('mode') : undefined;
      await session.change(
        { name, action, reason: reason.value, mode, expiryMs: expires ? Number(expiry.value) : undefined },
        user.value,
      );
      dialog.close();
    } catch (error) {
      problem.textContent =
        error instanceof Refused ? error.message : 'The server cannot be reached. Nothing is known of the change.';
    } finally {
      submit.disabled = false;
    }
  };
  const form = element(
    'form',
    { method: 'dialog', submit: (event) => void send(event) },
    element('h2', { id: 'dialog-title', text: title }),
    element('p', { class: 'dialog-name' }, element('bdi', { text: label })),
    element('p', { id: 'dialog-effect', text: effect }),
    action === 'setMode' ? element('fieldset', {}, element('legend', { text: 'Mode' }), ...modes) : null,
    element('label', { for: 'reason', text: 'Reason' }),
    reason,
    ...(expires ? [element('label', { for: 'expiry', text: 'Ends by itself after' }), expiry] : []),
    element('label', { for: 'user', text: 'Your name (optional, goes into the log)' }),
    user,
    problem,
    element('div', { class: 'dialog-buttons' }, cancel, submit),
  );
  const dialog = element('dialog', { 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-effect' }, form);
  return showDialog(dialog, reason);
}
