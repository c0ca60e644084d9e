import { expect, test } from "@jest/globals";
import { labOf } from "../../../src/integrations/orbo/local/colour.ts";

// Reference values of the sRGB primaries under D65, rounded as commonly published.
test.each([
  [
    [255, 255, 255],
    [100, 0, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 0],
  ],
  [
    [255, 0, 0],
    [53.24, 80.09, 67.2],
  ],
  [
    [0, 255, 0],
    [87.73, -86.18, 83.18],
  ],
  [
    [0, 0, 255],
    [32.3, 79.19, -107.86],
  ],
] as const)("sRGB %p is Lab %p", ([red, green, blue], expected) => {
  const lab = labOf(red, green, blue);
  expected.forEach((value, i) => {
    expect(lab[i]).toBeCloseTo(value, 1);
  });
});
