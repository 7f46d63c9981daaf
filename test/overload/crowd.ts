import { fork } from 'node:child_process';
import { join } from 'node:path';
import { DISTINCT_ID } from '../../bench/load/distinct-ids';
import { type OpenLoopPhase, type OpenLoopPlan } from '../processes/open-loop';
import { type Shop } from '../support/shop';

const SCRIPT = join(__dirname, '..', '..', 'dist-tools', 'test', 'processes', 'open-loop.js');
const JSON_API = 'application/vnd.api+json';

/** Lets a crowd loose on a service, from a process of its own. */
export function crowd(plan: OpenLoopPlan): Promise<OpenLoopPhase[]> {
  const child = fork(SCRIPT);
  return new Promise((resolve, reject) => {
    child.once('message', (phases) => {
      resolve(phases as OpenLoopPhase[]);
    });
    child.once('exit', (code) => {
      reject(new Error(`the crowd ended with ${String(code)}`));
    });
    child.send(plan);
  });
}

/** @returns a request of another user each time for a ticket of each of so many kinds of one event, with a limit. */
export async function reservationOf(kinds: number, shop: Shop): Promise<string> {
  const event = await shop.announce();
  const terms = { allocation: 2_000_000_000, max_per_user: 4 };
  const options: string[] = [];
  while (options.length < kinds) options.push(await shop.offer(terms, event));
  const data = options.map((id) => ({ type: 'ticket_options', id, meta: { quantity: 1 } }));
  const user = { data: { type: 'users', id: DISTINCT_ID } };
  const body = JSON.stringify({
    data: { type: 'reservations', relationships: { ticket_options: { data }, user } },
  });
  const head = ['POST /reservations HTTP/1.1', 'Host: h', `Accept: ${JSON_API}`, `Content-Type: ${JSON_API}`];
  return [...head, `Content-Length: ${body.length}`, '', body].join('\r\n');
}
