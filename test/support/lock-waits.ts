import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';

/**
 * Only those behind this very session: other tests lock in databases of the same server. May be asked within a transaction,
 * where `pg_stat_activity` would stay as it was seen first.
 *
 * @returns how many sessions wait for a lock that this client's session holds
 */
export async function lockWaits(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(DISTINCT pid)::integer AS n FROM pg_locks
      WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
  );
  return rows[0]?.n ?? 0;
}

/**
 * Waits until a session waits for a lock that this client's session holds.
 *
 * @param request who is to wait for it, through the service
 * @throws when the request is over before anybody was seen to wait
 */
export async function untilLockWait(client: Client, request: Promise<unknown>): Promise<void> {
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  request.then(end, end);
  while ((await lockWaits(client)) === 0) {
    if (state.isOver) throw new Error('the request was over before it was seen to wait for a lock');
    await sleep(10);
  }
}
