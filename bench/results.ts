import type { ExpiryRound } from './expiry';
import type { Figure } from './figure';
import type { BenchPlan, SectionName, SubjectKey } from './plan';
import type { Machine } from './report/machine';

/** How many tickets a way to sell sold of a few, to many at once. */
export interface SoldOut {
  readonly subject: SubjectKey;
  readonly tickets: number;
  readonly buyers: number;
  /** Answers that said so. */
  readonly confirmed: number;
  /** In the table; null for the one that writes nothing. */
  readonly purchased: number | null;
}

/** A part of a long sale. */
export interface SaleMoment {
  /** Until the end of this part, since measuring began. */
  readonly seconds: number;
  readonly requests_per_second: number;
  readonly p99_ms: number;
  readonly rss_mib: number | null;
}

/** The most resident memory that an instance of Holdfast had in a section. */
export interface Memory {
  readonly section: SectionName;
  readonly peak_mib: number;
}

/** Everything that a run has measured, and nothing that can be computed from it. */
export interface Results {
  readonly machine: Machine;
  readonly plan: BenchPlan;
  readonly took_seconds: number;
  readonly figures: readonly Figure[];
  readonly memory: readonly Memory[];
  readonly sold_out: readonly SoldOut[];
  readonly long_sale: readonly SaleMoment[];
  /** From the start of the process until it is ready, on 10,000,000 purchases. */
  readonly start_seconds: readonly number[];
  readonly expiry: readonly ExpiryRound[];
  /** Seconds that filling the tables took, by number of purchases. */
  readonly fill_seconds: Readonly<Record<string, number>>;
  /** What is not accounted for, in sentences. */
  readonly problems: readonly string[];
}

/** A place for all of it while it is measured. */
export class Recorder {
  readonly figures: Figure[] = [];
  readonly memory: Memory[] = [];
  readonly soldOut: SoldOut[] = [];
  readonly longSale: SaleMoment[] = [];
  readonly startSeconds: number[] = [];
  readonly expiry: ExpiryRound[] = [];
  readonly fillSeconds: Record<string, number> = {};
  readonly problems: string[] = [];
  private readonly startedAt = performance.now();

  /** @param tell writes a line for whoever watches */
  constructor(private readonly tell: (line: string) => void) {}

  say(line: string, problems: readonly string[] = []): void {
    this.problems.push(...problems);
    this.tell(line + (problems.length === 0 ? '' : `  PROBLEM: ${problems.join('; ')}`));
  }

  add(figure: Figure, problems: readonly string[]): void {
    this.figures.push(figure);
    const { section, subject, workload, variant, connections } = figure;
    const what = `${section}: (${subject}) ${workload}${variant && `, ${variant}`}, ${connections} connections`;
    const speed = `${Math.round(figure.requests_per_second)} requests/s, p99 ${figure.p99_ms.toFixed(1)} ms`;
    this.say(`${what}: ${speed}`, problems);
  }

  results(plan: BenchPlan, machine: Machine): Results {
    return {
      ...{ machine, plan, took_seconds: Math.round((performance.now() - this.startedAt) / 1000) },
      ...{ figures: this.figures, memory: this.memory, sold_out: this.soldOut, long_sale: this.longSale },
      ...{ start_seconds: this.startSeconds, expiry: this.expiry, fill_seconds: this.fillSeconds },
      problems: this.problems,
    };
  }
}
