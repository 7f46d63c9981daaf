/** Something that a client did to one object, and when. Times are milliseconds by one clock. */
export interface Operation<Input> {
  readonly input: Input;
  /** When it was sent. */
  readonly callMs: number;
  /** When its answer was there; Infinity when none came, so that it may have happened at any time after it was sent. */
  readonly returnMs: number;
  /** Whether it may not have happened at all: nobody knows. Only for operations without an answer. */
  readonly mayBeMissing?: boolean;
  /** Where to look first: roughly when it happened. What is found does not depend on it, only how soon. */
  readonly hintMs?: number;
}

/** What one object promises, one operation after the other. */
export interface Model<State, Input> {
  readonly initial: State;
  /** @returns every state that the operation may lead to; none when it cannot be what happens next */
  step(state: State, operation: Operation<Input>): readonly State[];
  /**
   * Whether an operation that fits here changes nothing, nor would it anywhere later: it only asks whether the state is
   * one that it saw.
   */
  isRead(state: State, input: Input): boolean;
  /**
   * @param others whatever is not yet known to have happened and may come before it
   * @returns what an operation leads to if it happens right here and none of the others would notice whether it came
   *   before them or after; nothing when one might
   */
  unnoticed(
    state: State,
    operation: Operation<Input>,
    others: readonly Operation<Input>[],
  ): State | undefined;
  /** Whether an operation can never happen any more, from this state on. */
  isLost(state: State, operation: Operation<Input>): boolean;
  /** Two states with the same text are the same. */
  textOf(state: State): string;
}

export type Verdict =
  | { readonly is: 'linearizable'; readonly looked: number }
  | { readonly is: 'not linearizable' | 'undecided'; readonly looked: number; readonly why: string };

/** How far a search has come: what has happened, and the state that this led to. */
interface Place<State> {
  /** Of the answered operations, in the order of their sending, all before this one have happened. */
  readonly first: number;
  /** Those behind it that have happened as well. */
  readonly ahead: readonly number[];
  /** Those without an answer that have happened. */
  readonly floated: readonly number[];
  readonly state: State;
  readonly count: number;
}

/** A million places take some 2 s and 500 MB; a history that was lived through takes about as many as it has operations. */
const MOST_PLACES = 1_000_000;

/**
 * Decides whether a history is linearizable: whether each operation can have happened at one moment between its call
 * and its return, so that the model explains all answers (Herlihy and Wing, 1990).
 *
 * The method is that of Wing and Gong (1993) with the memory of Lowe ("Testing for linearizability", 2017): a search
 * in depth for an order, which does not come back to a place (what has happened, and the state) where it has been. Three
 * things make it quick. Whatever only reads and fits is taken at once: if there is an order at all, there is one in
 * which it comes here; so is what nobody around it can notice. Of what may be next, that is tried first which lets most
 * reads fit. And operations without an answer are kept apart, so that they do not keep the window open.
 *
 * @param mostPlaces how many places are looked at before it gives up as `undecided`
 */
export function check<State, Input>(
  model: Model<State, Input>,
  history: readonly Operation<Input>[],
  mostPlaces = MOST_PLACES,
): Verdict {
  return new Search(model, history, mostPlaces).run();
}

class Search<State, Input> {
  private readonly answered: readonly Operation<Input>[];
  private readonly floating: readonly Operation<Input>[];
  private readonly required: number;
  private readonly seen = new Set<string>();
  private furthest: Place<State>;

  constructor(
    private readonly model: Model<State, Input>,
    history: readonly Operation<Input>[],
    private readonly mostPlaces: number,
  ) {
    const byCall = history.toSorted((one, other) => one.callMs - other.callMs);
    this.answered = byCall.filter(({ returnMs }) => returnMs < Infinity);
    this.floating = byCall.filter(({ returnMs }) => returnMs === Infinity);
    this.required = history.filter(({ mayBeMissing }) => mayBeMissing !== true).length;
    this.furthest = { first: 0, ahead: [], floated: [], state: model.initial, count: 0 };
  }

  run(): Verdict {
    const stack = [this.enter(this.readOn(this.furthest))];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.next();
      if (next.done === true) {
        if (next.value) return { is: 'linearizable', looked: this.seen.size };
        stack.pop();
      } else if (this.seen.size >= this.mostPlaces) {
        return { is: 'undecided', looked: this.seen.size, why: this.explain() };
      } else {
        stack.push(this.enter(next.value));
      }
    }
    return { is: 'not linearizable', looked: this.seen.size, why: this.explain() };
  }

  /** Yields each place to go on to; returns whether everything has happened. */
  private *enter(from: Place<State>): Generator<Place<State>, boolean> {
    const place = from;
    const text = `${place.first} ${place.ahead.join()} ${place.floated.join()} ${this.model.textOf(place.state)}`;
    if (this.seen.has(text)) return false;
    this.seen.add(text);
    if (place.count > this.furthest.count) this.furthest = place;
    const isLeft = (index: number): boolean => !place.floated.includes(index);
    const mustStill = this.floating.some(({ mayBeMissing }, at) => isLeft(at) && mayBeMissing !== true);
    if (place.first === this.answered.length && !mustStill) return true;
    if (this.isHopeless(place)) return false;
    const nexts = this.candidates(place).flatMap(({ operation, index, isFloating }) =>
      this.model
        .step(place.state, operation)
        .map((state) => this.readOn(this.after(place, index, isFloating, state))),
    );
    // The sort is stable: what lets as many fit stays in the order of its hints.
    yield* nexts.sort((one, other) => other.count - one.count);
    return false;
  }

  /** Takes whatever only reads and fits the state as it is, and whatever nobody notices. */
  private readOn(from: Place<State>): Place<State> {
    let place = from;
    for (let isOn = true; isOn;) {
      isOn = false;
      for (const index of this.window(place)) {
        const operation = this.answered[index];
        const state = operation && this.atOnce(place, index, operation);
        if (state === undefined) continue;
        place = this.after(place, index, false, state);
        isOn = true;
      }
    }
    return place;
  }

  /** Whether something that must have happened cannot any more. */
  private isHopeless(place: Place<State>): boolean {
    const { state, floated } = place;
    const window = this.window(place).flatMap((index) => this.answered[index] ?? []);
    const floats = this.floating.filter(
      ({ mayBeMissing }, index) => mayBeMissing !== true && !floated.includes(index),
    );
    return [...window, ...floats].some((operation) => this.model.isLost(state, operation));
  }

  private atOnce(place: Place<State>, index: number, operation: Operation<Input>): State | undefined {
    const { state } = place;
    if (this.model.isRead(state, operation.input))
      return this.model.step(state, operation).length > 0 ? state : undefined;
    return this.model.unnoticed(state, operation, this.mayPrecede(place, index, operation.returnMs));
  }

  private mayPrecede({ first, ahead, floated }: Place<State>, index: number, untilMs: number) {
    const found = this.floating.filter((_, each) => !floated.includes(each));
    for (let other = first; other < this.answered.length; other += 1) {
      const operation = this.answered[other];
      if (operation === undefined || operation.callMs > untilMs) break;
      if (other !== index && !ahead.includes(other)) found.push(operation);
    }
    return found;
  }

  /** @returns the answered operations that may be next: nothing that is left has returned before they were called */
  private window({ first, ahead }: Place<State>): number[] {
    const gone = new Set(ahead);
    const found: number[] = [];
    let firstReturnMs = Infinity;
    for (let index = first; index < this.answered.length; index += 1) {
      const operation = this.answered[index];
      if (operation === undefined || operation.callMs > firstReturnMs) break;
      if (gone.has(index)) continue;
      firstReturnMs = Math.min(firstReturnMs, operation.returnMs);
      found.push(index);
    }
    return found;
  }

  private candidates(place: Place<State>) {
    const window = this.window(place);
    const untilMs = Math.min(...window.map((index) => this.answered[index]?.returnMs ?? Infinity));
    const floats = this.floating.flatMap((operation, index) =>
      operation.callMs > untilMs || place.floated.includes(index)
        ? []
        : [{ operation, index, isFloating: true }],
    );
    const others = window.flatMap((index) => {
      const operation = this.answered[index];
      const isWrite = operation !== undefined && !this.model.isRead(place.state, operation.input);
      return isWrite ? [{ operation, index, isFloating: false }] : [];
    });
    return [...others, ...floats].sort((one, other) => whenOf(one.operation) - whenOf(other.operation));
  }

  private after(place: Place<State>, index: number, isFloating: boolean, state: State): Place<State> {
    const count = place.count + 1;
    if (isFloating) return { ...place, floated: insert(place.floated, index), state, count };
    const ahead = insert(place.ahead, index);
    let first = place.first;
    while (ahead[0] === first) {
      ahead.shift();
      first += 1;
    }
    return { ...place, first, ahead, state, count };
  }

  /** For people: what cannot be explained lies here. */
  private explain(): string {
    const { count, state } = this.furthest;
    const stuck = this.window(this.furthest).flatMap((index) => this.answered[index] ?? []);
    const of = `${count} of ${this.required} operations or more`;
    return `after ${of}, at ${this.model.textOf(state)}, this cannot be next: ${JSON.stringify(stuck.slice(0, 20))}`;
  }
}

/** What nobody knows the time of is tried last. */
function whenOf({ hintMs, returnMs }: Operation<unknown>): number {
  return hintMs ?? returnMs;
}

function insert(sorted: readonly number[], index: number): number[] {
  const at = sorted.findIndex((each) => each > index);
  return at === -1 ? [...sorted, index] : sorted.toSpliced(at, 0, index);
}
