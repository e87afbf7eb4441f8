import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer, readError } from '../../src/signals/prometheus-answer.ts';

const answerOf = (resultType: string, result: unknown) => JSON.stringify({ status: 'success', data: { resultType, result } });
const vectorOf = (...values: unknown[]) =>
  answerOf(
    'vector',
    values.map((value) => ({ metric: {}, value: [1_700_000_000.5, value] })),
  );

describe('readAnswer', () => {
  it('reads every series with its labels and its time', () => {
    const result = [
      { metric: { __name__: 'up', model: 'a"b' }, value: [1_700_000_000.5, '0.25'] },
      { metric: {}, value: [1_700_000_001, '1e-05'] },
    ];
    expect(readAnswer(answerOf('vector', result))).toEqual([
      { labels: '{__name__="up",model="a\\"b"}', value: 0.25, atMs: 1_700_000_000_500 },
      { labels: '', value: 0.00001, atMs: 1_700_000_001_000 },
    ]);
  });

  it('reads a scalar', () => {
    expect(readAnswer(answerOf('scalar', [1_700_000_000, '42']))).toEqual([{ labels: '', value: 42, atMs: 1_700_000_000_000 }]);
  });

  it.each([
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
    ['-0.5', -0.5],
    ['1e+06', 1_000_000],
    ['17', 17],
  ])('reads %s', (text, value) => {
    expect(readAnswer(vectorOf(text))[0]?.value).toBe(value);
  });

  it('lets what is no number stand aside for what is one', () => {
    expect(readAnswer(vectorOf('NaN', '2', '', null)).map(({ value }) => value)).toEqual([2]);
  });

  it.each([
    ['nothing', '', /no JSON/],
    ['a page', '<html>Sign in</html>', /no JSON: <html>Sign in/],
    ['half an answer', vectorOf('1').slice(0, -5), /no JSON/],
    ['null', 'null', /no answer of Prometheus/],
    ['a list', '[]', /no answer of Prometheus/],
    ["somebody else's JSON", '{"ok":true}', /no answer of Prometheus/],
    ['success without data', '{"status":"success"}', /no answer of Prometheus/],
    ['an error', '{"status":"error","errorType":"bad_data","error":"parse error"}', /with an error: bad_data: parse error/],
    ['an error without words', '{"status":"error"}', /with an error$/],
    ['a matrix', answerOf('matrix', [{ metric: {}, values: [[1, '1']] }]), /gives a matrix; expected an instant vector/],
    ['a string', answerOf('string', [1, 'up']), /gives a string/],
    ['no type', '{"status":"success","data":{}}', /gives a nothing/],
    ['no series', answerOf('vector', []), /no series/],
    ['a vector that is no list', answerOf('vector', { value: [1, '1'] }), /without a list/],
    ['NaN', vectorOf('NaN'), /no number: .*NaN/],
    ['an empty text for a number', vectorOf(''), /no number/],
    ['a number in hexadecimal', vectorOf('0x10'), /no number/],
    ['a number that is no text', vectorOf(5), /no number/],
    ['a series that is null', answerOf('vector', [null]), /no number/],
    ['a series without a value', answerOf('vector', [{ metric: {} }]), /no number/],
    ['a native histogram', answerOf('vector', [{ metric: {}, histogram: [1, { count: '1' }] }]), /no number/],
    ['a sample without a time', answerOf('vector', [{ metric: {}, value: ['now', '1'] }]), /no number/],
    ['a scalar that is null', answerOf('scalar', null), /without a list/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => readAnswer(text)).toThrow(message);
  });

  it('gives numbers or an error with a text of some length, for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('vector', 'scalar', 'matrix', 'x'), (inner, type) => {
        try {
          const samples = readAnswer(`{"status":"success","data":{"resultType":"${type}","result":${inner}}}`);
          expect(samples.length).toBeGreaterThan(0);
          for (const { value, atMs } of samples) expect([value, atMs]).not.toContain(Number.NaN);
        } catch (error) {
          expect(error).not.toBeInstanceOf(TypeError);
          expect((error as Error).message.length).toBeLessThan(250);
        }
      }),
    );
  });
});

describe('readError', () => {
  it.each([
    ['{"status":"error","errorType":"execution","error":"many-to-many\\nmatching"}', ': execution: many-to-many matching'],
    ['<html>', ''],
    ['{"detail":"no"}', ''],
  ])('says what %s says', (text, expected) => {
    expect(readError(text)).toBe(expected);
  });
});
