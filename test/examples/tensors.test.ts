import { describe, expect, test } from 'vitest';
import type { InferResponse, Tensor } from '../../examples/demo/inference/messages.ts';
import { firstNumber, inputsFor } from '../../examples/demo/inference/tensors.ts';
import { actionFor } from '../../examples/demo/trader.ts';

function answer(outputs: readonly Tensor[], raw: readonly Buffer[] = []): InferResponse {
  return { model_name: 'm', model_version: '1', id: '', outputs, raw_output_contents: raw };
}

describe('inputs for any model', () => {
  test('unknown dimensions: one row with the features', () => {
    const inputs = inputsFor({ name: 'm', inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }] });
    expect(inputs([1, 2, 3])).toEqual([{ name: 'x', datatype: 'FP32', shape: [1, 3], contents: { fp32_contents: [1, 2, 3] } }]);
  });

  test('more values than features: the features over again', () => {
    const inputs = inputsFor({ name: 'm', inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 5] }] });
    expect(inputs([1, 2])).toEqual([
      { name: 'x', datatype: 'FP64', shape: [1, 5], contents: { fp64_contents: [1, 2, 1, 2, 1] } },
    ]);
  });

  test('whole numbers and booleans where the model wants them', () => {
    const inputs = inputsFor({
      name: 'm',
      inputs: [
        { name: 'i', datatype: 'UINT8', shape: [2] },
        { name: 'b', datatype: 'BOOL', shape: [2] },
      ],
    });
    expect(inputs([-0.7, 1.6]).map(({ contents }) => contents)).toEqual([
      { uint_contents: [0, 2] },
      { bool_contents: [false, true] },
    ]);
  });

  test('a model that says nothing about its inputs gets one FP32 row', () => {
    const [input] = inputsFor({ name: 'm', inputs: [] })([1, 2]);
    expect(input).toMatchObject({ datatype: 'FP32', shape: [1, 2] });
  });

  test('a model that wants text is refused by name', () => {
    const metadata = { name: 'llm', inputs: [{ name: 'prompt', datatype: 'BYTES', shape: [1] }] };
    expect(() => inputsFor(metadata)).toThrow(/llm wants BYTES in its input "prompt"/);
  });
});

describe('the first number of an answer', () => {
  test.each([
    ['INT64', { int64_contents: [-2] }, -2],
    ['FP32', { fp32_contents: [0.5] }, 0.5],
    ['BOOL', { bool_contents: [true] }, 1],
    ['BYTES', {}, undefined],
  ])('%s, typed', (datatype, contents, value) => {
    expect(firstNumber(answer([{ name: 'y', datatype, shape: [1], contents }]))).toBe(value);
  });

  test('raw, as Triton answers, in the order of the outputs', () => {
    const first = Buffer.alloc(8);
    first.writeBigInt64LE(-5n);
    const second = Buffer.alloc(8);
    second.writeDoubleLE(0.25);
    const response = answer(
      [
        { name: 'label', datatype: 'INT64', shape: [1] },
        { name: 'score', datatype: 'FP64', shape: [1] },
      ],
      [first, second],
    );
    expect(firstNumber(response)).toBe(-5);
    expect(firstNumber(response, 'score')).toBe(0.25);
    expect(firstNumber(response, 'other')).toBeUndefined();
  });
});

describe('what the bot does', () => {
  const signal = (value: number): Tensor => ({
    name: 'signal',
    datatype: 'INT32',
    shape: [1],
    contents: { int_contents: [value] },
  });
  const score = (value: number): Tensor => ({ name: 'p', datatype: 'FP64', shape: [1], contents: { fp64_contents: [value] } });

  test.each([
    ['buy', [signal(1)]],
    ['sell', [signal(-1)]],
    ['hold', [signal(0)]],
    ['hold', [score(0.9), signal(0)]],
    ['buy', [score(0.7)]],
    ['sell', [score(0.3)]],
    ['hold', [score(0.55)]],
    ['hold', [score(Number.NaN)]],
    ['hold', []],
  ] as const)('%s', (action, outputs) => {
    expect(actionFor(answer(outputs))).toBe(action);
  });
});
