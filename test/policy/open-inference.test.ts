import { describe, expect, it } from 'vitest';
import { presets } from '../../src/index.ts';
import { classifyInference, reportsInferenceFailure } from '../../src/policy/open-inference.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { STATUS_CODES, type StatusName } from '../../src/policy/status-codes.ts';

// What the two servers say was measured against them; test/services/model-breakers.test.ts asks them again.

describe('a status counts as its server means it', () => {
  it.each<[StatusName, string, 'failure' | 'success' | undefined]>([
    ['NOT_FOUND', "Request for unknown model: 'dbl' has no available versions", 'failure'],
    ['NOT_FOUND', "Request for unknown model: 'none' is not found", undefined],
    ['NOT_FOUND', 'Model none with version  not found', undefined],
    ['INVALID_ARGUMENT', 'Model sleepy with version  is not ready yet.', 'failure'],
    ['INVALID_ARGUMENT', '', undefined],
    ['UNAVAILABLE', "This protocol is restricted, expecting header 'triton-grpc-protocol-k'", 'success'],
    ['UNAVAILABLE', '[request id: <id_unknown>] Exceeds maximum queue size', undefined],
    ['RESOURCE_EXHAUSTED', 'SERVER: Received message larger than max (4800061 vs. 4194304)', 'success'],
    ['RESOURCE_EXHAUSTED', 'out of memory', undefined],
    ['UNKNOWN', "Unexpected <class 'mlserver.errors.ModelNotFound'>: Model none with version  not found", 'success'],
    ['UNKNOWN', 'injected failure', undefined],
    ['INTERNAL', 'Unable to parse request', 'success'],
    ['INTERNAL', '', undefined],
  ])('%s "%s": %s', (code, details, outcome) => {
    expect(classifyInference({ code: STATUS_CODES[code], details }, undefined)).toBe(outcome);
  });
});

/** As google-protobuf makes it. */
const stub = (error: string, model: string) => ({
  getErrorMessage: () => error,
  getInferResponse: () => ({ getModelName: () => model }),
});

describe('a message of a stream reports a failure', () => {
  it.each<[string, Parameters<typeof reportsInferenceFailure>[0], boolean]>([
    ['not without an error', { error_message: '', infer_response: { model_name: 'dbl' } }, false],
    ['where the model failed', { error_message: 'injected failure', infer_response: { model_name: 'dbl' } }, true],
    ['also in camelCase', { errorMessage: 'injected failure', inferResponse: { modelName: 'dbl' } }, true],
    ['also in the classes of google-protobuf', stub('injected failure', 'dbl'), true],
    ['not where such a class has no error', stub('', 'dbl'), false],
    ['not where the request was refused', { error_message: "'none' is not found", infer_response: { model_name: '' } }, false],
    ['where the server has no room', { error_message: 'Exceeds maximum queue size', infer_response: { model_name: '' } }, true],
    ['where it shuts down', { error_message: "'dbl' has no available versions", infer_response: null }, true],
  ])('%s', (_, message, reports) => {
    expect(reportsInferenceFailure(message)).toBe(reports);
  });
});

describe('presets.openInference', () => {
  it('has a breaker for each model and version, and others for what is no inference', () => {
    const { methods } = parsePolicy({ methods: presets.openInference() });
    expect(methods.map(({ names, key }) => [names[0]?.method, key.values.map((part) => 'path' in part && part.path[0])])).toEqual(
      [
        ['ModelInfer', ['model_name', 'model_version']],
        ['ModelStreamInfer', ['model_name', 'model_version']],
        [undefined, []],
      ],
    );
  });

  it('may leave versions out, and hands options to the methods that they are for', () => {
    const { methods } = parsePolicy({
      methods: presets.openInference({
        byVersion: false,
        deadline: '1s',
        mode: 'observe',
        staleAfter: '20ms',
        fallback: { sources: [{ error: { code: 'ABORTED' } }] },
        stream: { messageGap: '100ms' },
        streamFallback: { sources: [{ name: 'empty', messages: [] }] },
      }),
    });
    expect(methods.map(({ key }) => key.values.length)).toEqual([1, 1, 0]);
    expect(methods.map(({ deadlineMs }) => deadlineMs)).toEqual([1_000, 1_000, Infinity]);
    expect(methods.map(({ staleAfterMs }) => staleAfterMs)).toEqual([20, Infinity, Infinity]);
    expect(methods.map(({ fallback }) => fallback?.sources[0]?.name)).toEqual(['error', 'empty', undefined]);
    expect(methods.map(({ stream }) => stream.messageGapMs)).toEqual([Infinity, 100, Infinity]);
    expect(methods.map(({ breaker }) => breaker.mode)).toEqual(['observe', 'observe', 'observe']);
  });
});
