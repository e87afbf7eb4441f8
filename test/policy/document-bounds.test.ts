import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyDesk } from '../../src/admin/policy-desk.ts';
import { createBreakers } from '../../src/index.ts';
import { tooCostly } from '../../src/policy/document-bounds.ts';

const lines = (count: number, line: (index: number) => string, between = '\n') =>
  Array.from({ length: count }, (_, index) => line(index)).join(between);

describe('a document that would hold the process up', () => {
  // Each of them took the reader seconds, the first one most of a minute.
  it.each([
    ['brackets', '['.repeat(250_000), 'within each other'],
    ['braces', '{a: '.repeat(60_000), 'within each other'],
    ['dashes', '- '.repeat(100_000), 'within each other'],
    ['options in braces', `methods: [{${lines(20_000, (at) => `o${at}: 1`, ', ')}}]`, 'more than 1000 entries'],
    ['options on lines', `methods:\n  - ${lines(10_000, (at) => `o${at}: 1`, '\n    ')}`, 'more than 1000 entries'],
    ['options with question marks', lines(20_000, (at) => `? o${at}`), 'more than 1000 entries'],
    ['aliases', `a: &a 1\nb:\n${lines(30_000, () => '  - *a')}`, 'aliases'],
    ['anchors', lines(9_000, (at) => `- &a${at} x`), 'anchors'],
    ['words', lines(15_000, () => '  - {deadlne: x}'), 'words'],
  ])('for its %s is refused before it is read', (_, document, problem) => {
    const breakers = createBreakers({}, { telemetry: false });
    const desk = new PolicyDesk({ breakers, expiry: { defaultMs: 1, maxMs: 1 }, onWarning: () => {} });
    expect(() => desk.check({ token: 'anna', peer: '', user: '', permission: 'write' }, document)).toThrow(problem);
    breakers.dispose();
  });

  it('is none of those that people have', () => {
    const method = (at: number) => ({
      name: [{ service: `a.B${at}` }],
      deadline: '1s',
      trip: { failureRate: { threshold: '50%' } },
    });
    const policy = { methods: Array.from({ length: 900 }, (_, at) => method(at)) };
    expect(tooCostly(JSON.stringify(policy, undefined, 2))).toBeUndefined();
    expect(
      tooCostly(`methods:\n${lines(2_000, (at) => `  - name:\n      - service: a.B${at}\n    deadline: 1s # [[[`)}`),
    ).toBeUndefined();
    expect(tooCostly(`presets: &p { x: 1 }\nmethods:\n${lines(150, () => '  - { <<: *p }')}`)).toBeUndefined();
    expect(tooCostly(`a: '${'['.repeat(1_000)}'\nb: |\n${lines(1_000, () => '  - ? {{{{')}`)).toBeUndefined();
  });

  it('is never one of a few words', () => {
    const text = string({
      unit: constantFrom('[', ']', '{', '}', ':', ' ', '\n', '-', '?', '*a', '&a', ',', '"', "'", '#', '|', 'a'),
      maxLength: 60,
    });
    assert(property(text, (document) => tooCostly(document) === undefined));
  });
});
