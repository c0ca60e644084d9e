import type { WriteStream } from "node:tty";

const BAR_CELLS = 28;
const UNKNOWN_COLUMNS = 80;
const ESC = "\u001b[";

/** Plain text output with a progress bar; without a terminal the bar becomes one line per stage. */
export class Terminal {
  private lastStage: string | null = null;
  private drawing = false;

  constructor(private readonly out: WriteStream) {}

  line(text = ""): void {
    this.endProgress();
    this.out.write(`${text}\n`);
  }

  /** Text as it comes, without an end of the line. */
  write(text: string): void {
    this.endProgress();
    this.out.write(text);
  }

  /** Whether any colour can be shown. */
  get hasColours(): boolean {
    return this.out.isTTY && this.out.hasColors(2 ** 24);
  }

  /** Characters in a line. */
  get columns(): number {
    // A terminal that does not know its width says 0.
    return this.out.columns || UNKNOWN_COLUMNS;
  }

  /** @param percent 0 to 100. */
  progress(percent: number, stage: string): void {
    if (this.out.isTTY) {
      this.out.write(`\r${ESC}2K  ${this.bar(percent)} ${String(percent).padStart(3)} %  ${stage}`);
      this.drawing = true;
      return;
    }
    if (stage !== this.lastStage) this.out.write(`  ${String(percent).padStart(3)} %  ${stage}\n`);
    this.lastStage = stage;
  }

  /** Leaves the bar as it is and goes to the next line. */
  endProgress(): void {
    if (this.drawing) this.out.write("\n");
    this.drawing = false;
  }

  /** A bar of fixed width. @param value 0 to 100. */
  bar(value: number, cells = BAR_CELLS): string {
    const full = Math.round((Math.min(100, Math.max(0, value)) / 100) * cells);
    return this.styled("█".repeat(full), "36") + this.styled("░".repeat(cells - full), "2");
  }

  bold(text: string): string {
    return this.styled(text, "1");
  }

  faint(text: string): string {
    return this.styled(text, "2");
  }

  private styled(text: string, style: string): string {
    return this.out.isTTY && this.out.hasColors() ? `${ESC}${style}m${text}${ESC}0m` : text;
  }
}
