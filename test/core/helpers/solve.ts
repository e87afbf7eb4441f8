/** The solution of a system of linear equations, by elimination with pivots: slow, and obvious. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const best = rows
      .slice(column)
      .reduce((at, row, i) => (Math.abs(row[column] ?? 0) > Math.abs(rows[at]?.[column] ?? 0) ? column + i : at), column);
    [rows[column], rows[best]] = [rows[best] ?? [], rows[column] ?? []];
    const pivot = rows[column] ?? [];
    for (let below = column + 1; below < size; below++) {
      const row = rows[below] ?? [];
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let i = column; i <= size; i++) row[i] = (row[i] ?? 0) - factor * (pivot[i] ?? 0);
    }
  }
  const found: number[] = new Array<number>(size).fill(0);
  for (let at = size - 1; at >= 0; at--) {
    const row = rows[at] ?? [];
    const rest = found.reduce((sum, value, i) => (i > at ? sum + value * (row[i] ?? 0) : sum), 0);
    found[at] = ((row[size] ?? 0) - rest) / (row[at] ?? 1);
  }
  return found;
}
