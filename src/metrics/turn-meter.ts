import { type Registry } from 'prom-client';
import { type TurnObserver } from '../allocation/turn-observer';
import { Tally } from './tally';
import { TallyHistogram } from './tally-histogram';

/** Milliseconds: an idle lane waits for less than one; after 2,000 an order is refused. */
const WAIT_BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000];
/** Milliseconds: a turn is a flush of the disk, or a lock that somebody else holds for up to 2,000. */
const TURN_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 30_000];
/** Orders; a turn takes at most 1,000. */
const GROUP_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** Measures the turns of the lanes, once for each turn, however many orders it serves. */
export class TurnMeter implements TurnObserver {
  private readonly waits = new Tally(WAIT_BOUNDS_MS);
  private readonly turns = new Tally(TURN_BOUNDS_MS);
  private readonly groups = new Tally(GROUP_BOUNDS);

  onTurn(orders: number, oldestWaitMs: number, tookMs: number): void {
    this.groups.add(orders);
    this.waits.add(oldestWaitMs);
    this.turns.add(tookMs);
  }

  /** Tells what was measured, to whoever asks the registry. */
  register(registry: Registry): void {
    const tell = (name: string, help: string, tally: Tally, scale: number) =>
      new TallyHistogram({ name, help, registry, scale, tallies: () => [{ labels: {}, tally }] });
    tell(
      'holdfast_lane_wait_seconds',
      'How long the order that had waited longest had waited when its turn began; one value for each turn.',
      this.waits,
      1 / 1_000,
    );
    tell(
      'holdfast_turn_duration_seconds',
      'How long a turn took, up to the end of its COMMIT and with all its attempts.',
      this.turns,
      1 / 1_000,
    );
    tell('holdfast_turn_orders', 'How many orders a turn served together.', this.groups, 1);
  }
}
