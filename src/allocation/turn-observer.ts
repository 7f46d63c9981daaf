/** Is told of each turn of a lane when it is over; it must not throw, and it costs every order its part. */
export interface TurnObserver {
  /**
   * @param orders how many were served together
   * @param oldestWaitMs how long the one that had waited longest had waited when the turn began
   * @param tookMs from the beginning of the turn until its outcomes were there
   */
  onTurn(orders: number, oldestWaitMs: number, tookMs: number): void;
}

/** What names it where it is injected. */
export const TURN_OBSERVER = Symbol('TurnObserver');
