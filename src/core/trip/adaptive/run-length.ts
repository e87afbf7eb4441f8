/**
 * The mean number of calls until a Bernoulli CUSUM reaches its threshold, exactly. The chart moves on a lattice: a success takes it one step
 * down, and not below 0; a failure takes it `up` steps up (Reynolds & Stoumbos 1999, "A CUSUM chart for monitoring a proportion when inspecting
 * continuously", who choose the steps so that this holds). So it is a Markov chain of `threshold` states (Brook & Evans 1972), and
 * E[i] = 1 + (1 - p) E[i - 1] + p E[i + up] is solved by elimination upwards: every term stays positive, nothing cancels.
 *
 * @param p - the share of failures
 * @param up - steps up for a failure, at least 1
 * @param threshold - the chart alarms at this step or above, at least 1
 */
export function meanRunLength(p: number, up: number, threshold: number): number {
  const q = 1 - p;
  // E[i] = constant[i] + the sum over k = 1..up of next[k] E[i + k]; `next` of the state before is all that is needed to go up.
  let constant = 1 / p;
  let next = new Float64Array(up + 1);
  next[up] = 1;
  const constants = new Float64Array(threshold);
  const rows: Float64Array[] = [next];
  constants[0] = constant;
  for (let i = 1; i < threshold; i++) {
    const row = new Float64Array(up + 1);
    // 1 - q next[1], without the difference: a row's numbers add up to 1 (Grassmann, Taksar & Heyman 1985).
    const pivot = p + q * sumFrom(next, 2);
    constant = (1 + q * constant) / pivot;
    for (let k = 1; k < up; k++) row[k] = (q * (next[k + 1] as number)) / pivot;
    row[up] = p / pivot;
    next = row;
    constants[i] = constant;
    rows.push(row);
  }
  const expected = new Float64Array(threshold);
  for (let i = threshold - 1; i >= 0; i--) {
    const row = rows[i] as Float64Array;
    let sum = constants[i] as number;
    for (let k = 1; k <= up && i + k < threshold; k++) sum += (row[k] as number) * (expected[i + k] as number);
    expected[i] = sum;
  }
  return expected[0] as number;
}

/**
 * The probability that a sequential test which starts at 0 reaches its upper bound before its lower one, exactly, on the same lattice: Wald's
 * bounds (1945) hold for the ratio that was asked for, not for the one that whole steps make of it.
 *
 * @param p - the share of failures
 * @param up - steps up for a failure
 * @param lower - the test ends at this step or below, under 0
 * @param upper - the test ends at this step or above, over 0
 */
export function upperProbability(p: number, up: number, lower: number, upper: number): number {
  const q = 1 - p;
  const states = upper - lower - 1;
  // From the state just above the lower bound upwards: P[i] = next[1] P[i + 1] + ... + next[up] P[i + up], and 1 from `upper` on. What is left of 1 in
  // a row is the probability of ending below: kept, so that here too nothing cancels.
  const rows: Float64Array[] = [];
  let row = new Float64Array(up + 1);
  let below = q;
  row[up] = p;
  for (let i = 0; i < states; i++) {
    rows.push(row);
    const next = new Float64Array(up + 1);
    const pivot = p + q * (sumFrom(row, 2) + below);
    for (let k = 1; k < up; k++) next[k] = (q * (row[k + 1] as number)) / pivot;
    next[up] = (next[up] as number) + p / pivot;
    below = (q * below) / pivot;
    row = next;
  }
  const reached = new Float64Array(states + up).fill(1, states);
  for (let i = states - 1; i >= 0; i--) {
    const row = rows[i] as Float64Array;
    let sum = 0;
    for (let k = 1; k <= up; k++) sum += (row[k] as number) * (reached[i + k] as number);
    reached[i] = sum;
  }
  return reached[-lower - 1] as number;
}

function sumFrom(row: Float64Array, first: number): number {
  let sum = 0;
  for (let k = first; k < row.length; k++) sum += row[k] as number;
  return sum;
}
