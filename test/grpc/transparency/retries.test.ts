import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, connect } from '../helpers/attached.ts';
import { type Compared, compare, startTwins, type Twins } from '../helpers/compare.ts';
import { codeOf, type Played, play } from '../helpers/play.ts';
import { scripted } from '../helpers/script.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, type CallType, SCRIPTED } from '../helpers/scripted-service.ts';

// Retries, hedging and timeouts of gRPC's service config happen below a breaker: callers and servers see the same with it, and the
// breaker sees one call.

function serviceConfig(config: object): { 'grpc.service_config': string } {
  return { 'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{ service: SCRIPTED }], ...config }] }) };
}

const RETRIES = serviceConfig({
  retryPolicy: {
    maxAttempts: 4,
    initialBackoff: '0.005s',
    maxBackoff: '0.01s',
    backoffMultiplier: 1,
    retryableStatusCodes: ['UNAVAILABLE'],
  },
});
const HEDGING = serviceConfig({ hedgingPolicy: { maxAttempts: 3, hedgingDelay: '0.02s', nonFatalStatusCodes: ['UNAVAILABLE'] } });

function counts({ attached }: Compared, target: string, type: CallType) {
  const { success, failure, ignored } = attached.breaker(target, type).snapshot().counts;
  return { success, failure, ignored };
}

describe('service config below a closed breaker', () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await startTwins();
  });
  afterAll(() => twins.stop());

  describe.each(CALL_TYPES)('%s', (type) => {
    it('two failed attempts and a good one are one success', async () => {
      const script = { failFirst: { id: `twice ${type}`, attempts: 2, code: Status.UNAVAILABLE } };
      const compared = await compare(twins, { type, script, clientOptions: RETRIES });
      expect(codeOf(compared.bare.caller)).toBe(Status.OK);
      expect(compared.bare.server).toHaveLength(3);
      expect(JSON.stringify(compared.bare.caller.sights)).toContain('grpc-previous-rpc-attempts');
      expect(compared.protected).toEqual(compared.bare);
      expect(counts(compared, twins.protected.target, type)).toEqual({ success: 1, failure: 0, ignored: 0 });
    });

    it('attempts that all fail are one failure', async () => {
      const script = { failFirst: { id: `always ${type}`, attempts: 9, code: Status.UNAVAILABLE } };
      const compared = await compare(twins, { type, script, clientOptions: RETRIES });
      expect(codeOf(compared.bare.caller)).toBe(Status.UNAVAILABLE);
      expect(compared.bare.server).toHaveLength(4);
      expect(compared.protected).toEqual(compared.bare);
      expect(counts(compared, twins.protected.target, type)).toEqual({ success: 0, failure: 1, ignored: 0 });
    });

    it('a status that is not to be retried is not', async () => {
      const script = { failFirst: { id: `fatal ${type}`, attempts: 1, code: Status.INTERNAL } };
      const compared = await compare(twins, { type, script, clientOptions: RETRIES });
      expect(codeOf(compared.bare.caller)).toBe(Status.INTERNAL);
      expect(compared.bare.server).toHaveLength(1);
      expect(compared.protected).toEqual(compared.bare);
    });

    it('its timeout ends the call, as a failure', async () => {
      const clientOptions = serviceConfig({ timeout: '0.1s' });
      const compared = await compare(twins, { type, script: { answers: 0, hang: true }, clientOptions });
      expect(codeOf(compared.bare.caller)).toBe(Status.DEADLINE_EXCEEDED);
      expect(compared.protected).toEqual(compared.bare);
      expect(counts(compared, twins.protected.target, type)).toEqual({ success: 0, failure: 1, ignored: 0 });
    });
  });

  it('hedged attempts are one call', async () => {
    const compared = await compare(twins, { type: 'unary', script: { delayMs: 70 }, clientOptions: HEDGING });
    expect(codeOf(compared.bare.caller)).toBe(Status.OK);
    expect(compared.bare.server).toHaveLength(3);
    expect(compared.protected).toEqual(compared.bare);
    expect(counts(compared, twins.protected.target, 'unary')).toEqual({ success: 1, failure: 0, ignored: 0 });
  });

  it('a call that waits for a server gets its answer when the server has come', async () => {
    const server = await startScriptedServer();
    await server.stop();
    const metadata = scripted({});
    metadata.setOptions({ waitForReady: true });
    const calls = [connect(server.target), attach().connect(server.target)].map((client) => play(client, 'unary', { metadata }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const again = await startScriptedServer(Number(server.target.split(':')[1]));
    const [bare, ours] = await Promise.all(calls);
    expect(codeOf(bare as Played)).toBe(Status.OK);
    expect(ours?.sights).toEqual(bare?.sights);
    await again.stop();
  });
});
