import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DocumentClients } from '../../src/fallback/document-clients.ts';
import { loadPolicy } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { selfSigned } from '../grpc/helpers/self-signed.ts';
import { ask } from './helpers/asking.ts';
import { startSerialServer } from './helpers/serial-server.ts';

const NOBODY = '127.0.0.1:9';
const { key, certificate } = selfSigned();
const own = selfSigned();

/** A folder with a document and what it needs. */
function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-clients-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function server(credentials: ServerCredentials): Promise<string> {
  const started = await startSerialServer(credentials);
  onTestFinished(() => started.stop());
  return started.target;
}

describe('a fallback call without code', () => {
  it.each<[string, string, () => ServerCredentials]>([
    ['without TLS', 'false', () => ServerCredentials.createInsecure()],
    [
      'with TLS, and an authority beside the document',
      '{ ca: ca.pem }',
      () => ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: certificate }]),
    ],
    [
      'with a certificate of its own',
      '{ ca: ca.pem, cert: own.pem, key: own.key }',
      () => ServerCredentials.createSsl(own.certificate, [{ private_key: key, cert_chain: certificate }], true),
    ],
  ])('%s', async (_, tls, credentials) => {
    const target = await server(credentials());
    const document = [
      'clients:',
      `  spare: { target: "${target}", tls: ${tls}, options: { grpc.use_local_subchannel_pool: 1 } }`,
      'methods:',
      '  - fallback: { on: failed, sources: [{ call: { client: spare } }] }',
    ].join('\n');
    const folder = folderWith({ 'policy.yaml': document, 'ca.pem': certificate, 'own.pem': own.certificate, 'own.key': own.key });
    const attached = attachAll(loadPolicy(join(folder, 'policy.yaml')));
    const { info } = await ask(attached.connect(NOBODY), { model_name: 'iris' });
    expect(info).toMatchObject({ source: 'call', reason: 'failed' });
    expect(attached.warnings).toEqual([]);
  });
});

describe('the clients of documents', () => {
  const config = { target: 'models:8001', tls: false, options: {} };

  it('stay the same over reloads that leave them as they were, whatever their names', () => {
    const made = new DocumentClients();
    const first = made.make({ a: config, b: { ...config, target: 'models:8002' } }, '.', []);
    const { clients } = first;
    made.settle(first);
    const again = made.make({ c: config, b: { ...config, target: 'models:8003' } }, '.', []).clients;
    expect(again['c']).toBe(clients['a']);
    expect(again['b']).not.toBe(clients['b']);
  });

  it('are others where a certificate was renewed', () => {
    const folder = folderWith({ 'ca.pem': certificate });
    const made = new DocumentClients();
    const make = () => {
      const taken = made.make({ a: { ...config, tls: { ca: 'ca.pem' } } }, folder, []);
      made.settle(taken);
      return taken.clients['a'];
    };
    const first = make();
    expect(make()).toBe(first);
    writeFileSync(join(folder, 'ca.pem'), own.certificate);
    expect(make()).not.toBe(first);
  });

  it('are refused where their files cannot be read or do not belong together, or code has their name', () => {
    const folder = folderWith({ 'own.pem': own.certificate, 'other.key': key, 'text.pem': 'no certificate' });
    const { clients, problems } = new DocumentClients().make(
      {
        missing: { ...config, tls: { ca: 'nowhere.pem' } },
        strange: { ...config, tls: { cert: 'own.pem', key: 'other.key' } },
        text: { ...config, tls: { cert: 'text.pem', key: 'other.key' } },
        taken: config,
      },
      folder,
      ['taken'],
    );
    expect(clients).toEqual({});
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      expect.stringMatching(/^clients\.missing\.tls\.ca: cannot be read: ENOENT/),
      expect.stringMatching(/^clients\.strange\.tls: .*; expected PEM files that belong together$/),
      expect.stringMatching(/^clients\.text\.tls: .*; expected PEM files that belong together$/),
      'clients.taken: is the name of a client that code has registered; give it another name',
    ]);
  });
});
