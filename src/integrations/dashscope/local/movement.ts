/** Where the face stands in one frame, relative to its place of rest. */
export interface Pose {
  /** Pixels to the right and down. */
  readonly dx: number;
  readonly dy: number;
  /** Degrees, clockwise. */
  readonly turn: number;
  /** Width and height in relation to those at rest. */
  readonly stretch: readonly [number, number];
}

export type Ornament = "HEARTS" | "STARS" | "TEARS" | "SWEAT" | "SLEEP" | "SPARKS" | "NONE";

/** How one template moves. `at` takes the part of the round that is over, 0–1, and begins and ends alike. */
export interface Movement {
  readonly at: (t: number) => Pose;
  readonly ornament: Ornament;
}

const wave = (t: number, rounds = 1): number => Math.sin(2 * Math.PI * rounds * t);
const hop = (t: number, rounds = 1): number => Math.abs(Math.sin(Math.PI * rounds * t));
const rest: Pose = { dx: 0, dy: 0, turn: 0, stretch: [1, 1] };

/** A ball that is pressed flat where it lands. */
const bounce = (t: number): Pose => {
  const height = hop(t, 2);
  const flat = Math.max(0, 0.25 - height) * 0.5;
  return { ...rest, dy: 14 - 42 * height, stretch: [1 + flat, 1 - flat] };
};
const swing = (t: number): Pose => ({ ...rest, dx: 8 * wave(t), turn: 12 * wave(t) });
const shake = (t: number): Pose => ({ ...rest, dx: 9 * wave(t, 4), turn: 3 * wave(t, 4) });
const nod = (t: number): Pose => ({ ...rest, dy: 16 * hop(t), turn: 6 * hop(t) });
const pulse = (t: number): Pose => {
  const size = 1 + 0.1 * hop(t, 2);
  return { ...rest, stretch: [size, size] };
};
const tilt = (t: number): Pose => ({ ...rest, turn: -14 * hop(t), dx: -6 * hop(t) });
const tremble = (t: number): Pose => ({ ...rest, dx: 4 * wave(t, 6), dy: 3 * wave(t, 5) });
const sink = (t: number): Pose => {
  const down = hop(t);
  return { ...rest, dy: 26 * down, stretch: [1 + 0.08 * down, 1 - 0.12 * down] };
};

const move = (at: Movement["at"], ornament: Ornament): Movement => ({ at, ornament });

const MOVEMENTS: Readonly<Record<string, Movement>> = {
  mengwa_kaixin: move(bounce, "STARS"),
  mengwa_dengyan: move(pulse, "SPARKS"),
  mengwa_gandong: move(swing, "HEARTS"),
  mengwa_renzhen_1: move(nod, "NONE"),
  mengwa_jidong: move(shake, "STARS"),
  mengwa_kun_1: move(nod, "SLEEP"),
  mengwa_jiaoxie: move(tilt, "SPARKS"),
  dagong_kaixin: move(bounce, "SPARKS"),
  dagong_yangwang: move(tilt, "STARS"),
  dagong_kunhuo: move(tilt, "SWEAT"),
  dagong_zhuakuang: move(shake, "SWEAT"),
  dagong_wunai: move(sink, "SWEAT"),
  dagong_weixiao: move(swing, "NONE"),
  dagong_ganji: move(tremble, "SWEAT"),
  jingdian_tiaopi: move(swing, "STARS"),
  jingdian_deyi_1: move(nod, "SPARKS"),
  jingdian_qidai: move(pulse, "HEARTS"),
  jingdian_landuo_1: move(sink, "SLEEP"),
  jingdian_xianqi: move(tilt, "NONE"),
  jingdian_lei: move(tremble, "TEARS"),
};

/** How a template moves; a movement that is not known hops. */
export const movementOf = (motion: string): Movement => MOVEMENTS[motion] ?? move(bounce, "NONE");
