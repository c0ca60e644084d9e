/** Mean over the square window of `2 * radius + 1` pixels, counting only pixels of the mask. */
export function maskedMean(
  plane: Float32Array,
  mask: Uint8Array,
  size: number,
  radius: number,
): Float32Array {
  const sums = integral(size, (i) => (mask[i] ? (plane[i] ?? 0) : 0));
  const counts = integral(size, (i) => (mask[i] ? 1 : 0));
  const mean = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    const top = Math.max(0, y - radius);
    const bottom = Math.min(size, y + radius + 1);
    for (let x = 0; x < size; x++) {
      const left = Math.max(0, x - radius);
      const right = Math.min(size, x + radius + 1);
      const count = windowSum(counts, size, left, top, right, bottom);
      mean[y * size + x] = count > 0 ? windowSum(sums, size, left, top, right, bottom) / count : 0;
    }
  }
  return mean;
}

/** Value by value difference. */
export function difference(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((value, i) => value - (other[i] ?? 0));
}

/** The values of the masked pixels, ascending. */
export function sortedValues(plane: Float32Array, mask: Uint8Array): Float32Array {
  return plane.filter((_, i) => mask[i] === 1).sort();
}

/** Nearest-rank quantile of ascending values; 0 when there are none. */
export function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Mean over the masked pixels; 0 when there are none. */
export function meanOf(plane: Float32Array, mask: Uint8Array): number {
  return meanOver(mask, (i) => plane[i] ?? 0);
}

/** Root mean square over the masked pixels; 0 when there are none. */
export function rmsOf(plane: Float32Array, mask: Uint8Array): number {
  return Math.sqrt(meanOver(mask, (i) => (plane[i] ?? 0) ** 2));
}

/** Share of the masked pixels whose value is above the limit, 0 to 1. */
export function shareAbove(
  plane: Float32Array | Uint8Array,
  mask: Uint8Array,
  limit: number,
): number {
  return meanOver(mask, (i) => ((plane[i] ?? 0) > limit ? 1 : 0));
}

function meanOver(mask: Uint8Array, valueAt: (pixel: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    sum += valueAt(i);
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Summed-area table with one more row and column of zeros. */
function integral(size: number, valueAt: (pixel: number) => number): Float64Array {
  const stride = size + 1;
  const table = new Float64Array(stride * stride);
  for (let y = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++) {
      row += valueAt(y * size + x);
      table[(y + 1) * stride + x + 1] = (table[y * stride + x + 1] ?? 0) + row;
    }
  }
  return table;
}

function windowSum(
  table: Float64Array,
  size: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): number {
  const stride = size + 1;
  return (
    (table[bottom * stride + right] ?? 0) -
    (table[top * stride + right] ?? 0) -
    (table[bottom * stride + left] ?? 0) +
    (table[top * stride + left] ?? 0)
  );
}
