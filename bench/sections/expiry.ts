import type { Bench } from '../bench';
import { measureExpiry } from '../expiry';
import { startService } from '../subjects';
import { close } from './close';

const SECTION = 'expiry';
const ROUNDS = 3;

/** A hundred thousand reservations run out at once, beside a sale; several times. */
export async function measureExpiries(bench: Bench): Promise<void> {
  const { recorder } = bench;
  const shop = await startService(bench.surroundings, 'expiry');
  for (let round = 0; round < ROUNDS; round++) {
    const { problems, ...figures } = await measureExpiry(shop);
    const given = `given back within ${figures.seconds ?? 'too many'} s`;
    const { before, during, after } = figures;
    recorder.say(`expiry: ${given}, sales ${before}/s, ${during}/s, ${after}/s`, problems);
    recorder.expiry.push(figures);
  }
  await close(bench, SECTION, [shop]);
}
