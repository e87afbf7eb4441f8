import { credentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DocumentClients } from '../../src/fallback/document-clients.ts';
import { FallbackClients } from '../../src/fallback/fallback-clients.ts';
import type { ClientConfig } from '../../src/policy/document-client.ts';
import type { FallbackClient } from '../../src/policy/fallback-call-options.ts';

const registration = (target: string): FallbackClient => ({ target, credentials: credentials.createInsecure() });

function made() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const closed: string[] = [];
  const clients = new FallbackClients(({ target }) => ({ target, close: () => void closed.push(target) }));
  return { closed, clients };
}

describe('clients of fallback calls', () => {
  it('end some time after no policy needs them, and are made anew when one does', () => {
    const { closed, clients } = made();
    const [kept, gone] = [registration('kept'), registration('gone')];
    const before = clients.get(gone);
    clients.get(kept);
    clients.retain(new Set([kept]));
    expect(closed).toEqual([]);
    expect(clients.get(gone)).not.toBe(before);
    vi.advanceTimersByTime(30_000);
    expect(closed).toEqual(['gone']);
  });

  it('all end at the end, those on their way out too, once', () => {
    const { closed, clients } = made();
    clients.get(registration('one'));
    clients.retain(new Set());
    clients.get(registration('two'));
    clients.close();
    vi.advanceTimersByTime(60_000);
    expect(closed.sort()).toEqual(['one', 'two']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('clients of documents', () => {
  const config = (target: string): ClientConfig => ({ target, tls: false, options: {} });

  it('are the same over documents that leave them as they are, and are forgotten when none has them', () => {
    const documents = new DocumentClients();
    const first = documents.make({ cheap: config('a:1') }, '.', []);
    documents.settle(first);
    const refused = documents.make({ cheap: config('b:1') }, '.', []);
    expect(refused.clients['cheap']).not.toBe(first.clients['cheap']);
    // That one was not taken: what holds is known still.
    const second = documents.make({ cheap: config('a:1'), other: config('c:1') }, '.', []);
    expect(second.clients['cheap']).toBe(first.clients['cheap']);
    documents.settle(second);
    documents.settle(documents.make({}, '.', []));
    expect(documents.make({ cheap: config('a:1') }, '.', []).clients['cheap']).not.toBe(first.clients['cheap']);
  });
});
