/** Where a payment, or the refund of one, can be made to wait. */
export type Point =
  'before charge' | 'after charge' | 'after settling' | 'before refund' | 'after refund' | 'after refunding';

/** Where each payment waits: its token says so when it is charged. */
const plans = new Map<string, ReadonlySet<string>>();
const waiting: (() => void)[] = [];

/** SIGUSR2 lets everything go on that waits at that moment. */
export function listenForRelease(): void {
  process.on('SIGUSR2', () => {
    for (const goOn of waiting.splice(0)) goOn();
  });
}

/**
 * Remembers where a payment is to wait: `wait before charge, after refund: tok_visa`.
 *
 * @returns the token that is meant for the gateway
 */
export function planOf(payment: string, token: string): string {
  const [, points, rest = token] = /^wait ([^:]+): (.*)$/.exec(token) ?? [];
  if (points !== undefined) plans.set(payment, new Set(points.split(', ')));
  return rest;
}

/** Tells that a payment has come to a point, and keeps it there if it was planned so. */
export async function pass(point: Point, payment: string): Promise<void> {
  tell(point, payment);
  if (plans.get(payment)?.has(point) === true) await untilReleased();
}

/** Waits until the next release. */
export function untilReleased(): Promise<void> {
  return new Promise((resolve) => waiting.push(resolve));
}

/** Writes a line of the log. It is out when this returns, whatever becomes of the process then. */
export function tell(at: Point | 'find' | 'void' | 'due', payment: string): void {
  process.stdout.write(`${JSON.stringify({ msg: 'money', at, payment })}\n`);
}
