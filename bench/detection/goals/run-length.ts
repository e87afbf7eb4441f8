/**
 * The mean number of calls until a Bernoulli CUSUM on a lattice alarms, from zero: `up` steps up for a hit, one down for a miss and not below
 * zero, alarm at `threshold` steps. A Markov chain (Brook & Evans 1972); written here again, apart from the package, whose figures it judges.
 */
export function meanRunLength(p: number, up: number, threshold: number): number {
  // E[i] = 1 + (1 - p) E[max(0, i - 1)] + p E[i + up]. Row by row, E[i - 1] is put in; what is left of each row is E[i] = own + sum of ahead.
  const q = 1 - p;
  const own = new Float64Array(threshold);
  const ahead: Float64Array[] = [];
  for (let i = 0; i < threshold; i++) {
    const row = new Float64Array(up);
    const before = ahead[i - 1];
    const pivot = before === undefined ? p : pivotAfter(before, p);
    own[i] = (1 + (i === 0 ? 0 : q * (own[i - 1] as number))) / pivot;
    for (let k = 0; k + 1 < up; k++) row[k] = (q * (before?.[k + 1] ?? 0)) / pivot;
    row[up - 1] = p / pivot;
    ahead.push(row);
  }
  const expected = new Float64Array(threshold + up);
  for (let i = threshold - 1; i >= 0; i--) {
    let sum = own[i] as number;
    ahead[i]?.forEach((weight, k) => {
      sum += weight * (expected[i + 1 + k] as number);
    });
    expected[i] = sum;
  }
  return expected[0] as number;
}

/** 1 - (1 - p) x the first weight: as the weights of a row sum up to 1, it can be had without a difference, in which digits would be lost. */
function pivotAfter(row: Float64Array, p: number): number {
  let others = 0;
  for (let k = 1; k < row.length; k++) others += row[k] as number;
  return others + p * (row[0] as number);
}

/** The lowest threshold at which so many calls pass between two alarms, on average. */
export function thresholdFor(p: number, up: number, calls: number): number {
  let high = 1;
  while (meanRunLength(p, up, high) < calls) high *= 2;
  let low = Math.floor(high / 2) + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (meanRunLength(p, up, middle) < calls) low = middle + 1;
    else high = middle;
  }
  return low;
}
