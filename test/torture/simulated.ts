import type { Operation } from '../../torture/check/linearizable';
import {
  countersAt,
  type OptionInput,
  optionModel,
  type OptionState,
} from '../../torture/check/option-model';
import { type Random } from '../../torture/random';

type Done = Operation<OptionInput>;

export const SIMULATED_ALLOCATION = 100;
const HOLD_MS = 60;

/** One option that is asked by many at once and answers as it should, in a time of its own. */
export class Simulated {
  readonly history: Done[] = [];
  private readonly model = optionModel(SIMULATED_ALLOCATION);
  private state: OptionState = this.model.initial;
  private readonly known: { id: string; sinceMs: number }[] = [];
  /** The sum of how long all were asked for, in milliseconds. */
  private askedMs = 0;

  /** @param timed whether all that is done says when it was decided, or changes nothing that is counted */
  constructor(
    private readonly random: Random,
    private readonly timed: boolean,
  ) {}

  /**
   * Lets so many clients ask, each without a pause, until so many operations are done; each happens at a moment between its
   * call and its return.
   */
  live(clients: number, operations: number): this {
    const asked = Array.from({ length: operations }, (_, number) => {
      const callMs = Math.floor(number / clients) * 12 + this.random.below(12);
      const happensMs = callMs + this.random.below(12);
      return { callMs, happensMs, returnMs: happensMs + this.random.below(12) };
    });
    for (const each of asked.sort((one, other) => one.happensMs - other.happensMs)) this.happen(each);
    return this;
  }

  /** @returns how many were in flight, in the mean */
  get inFlight(): number {
    const lastMs = Math.max(...this.history.map(({ returnMs }) => returnMs));
    return this.askedMs / lastMs;
  }

  private happen({
    callMs,
    happensMs: atMs,
    returnMs,
  }: {
    callMs: number;
    happensMs: number;
    returnMs: number;
  }) {
    this.askedMs += returnMs - callMs;
    const input = this.wish(callMs, atMs);
    // Exactly at its moment, and at no other.
    const [next] = this.model.step(this.state, { input, callMs: atMs, returnMs: atMs });
    if (next === undefined) this.refuse(atMs, callMs, returnMs);
    else this.keep(input, next, callMs, returnMs, atMs);
  }

  private wish(callMs: number, atMs: number): OptionInput {
    const dice = this.random.below(10);
    const quantity = 1 + this.random.below(4);
    // Nobody names a reservation before its answer.
    const { id = '' } = this.random.pick(this.known.filter(({ sinceMs }) => sinceMs < callMs)) ?? {};
    if (dice < 4) return { kind: 'look', ...countersAt(this.state, atMs) };
    if (dice < 6 && !this.timed) return dice < 5 ? { kind: 'refund', quantity } : { kind: 'cancel', id };
    if (dice < 7) return { kind: 'extend', id, untilMs: atMs + HOLD_MS };
    if (dice < 8) return { kind: 'buy', quantity, atMs };
    const made = `r${this.history.length}`;
    return { kind: 'reserve', id: made, quantity, atMs, untilMs: atMs + HOLD_MS };
  }

  private refuse(atMs: number, callMs: number, returnMs: number): void {
    const { remaining } = countersAt(this.state, atMs);
    this.keep({ kind: 'look', remaining }, this.state, callMs, returnMs, atMs);
  }

  private keep(input: OptionInput, state: OptionState, callMs: number, returnMs: number, atMs: number): void {
    if (input.kind === 'reserve') this.known.push({ id: input.id, sinceMs: returnMs });
    if (this.known.length > 30) this.known.shift();
    this.state = state;
    // As roughly as a real history tells it.
    this.history.push({ input, callMs, returnMs, hintMs: 'atMs' in input ? atMs : returnMs });
  }
}
