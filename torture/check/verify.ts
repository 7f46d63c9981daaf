import type { Pool } from 'pg';
import { follow } from '../../test/history/follow';
import { readJournal } from '../../test/history/journal';
import { Model } from '../../test/history/model';
import type { Rules } from '../../test/history/rules';
import { differencesFrom } from '../../test/history/tables';
import { wrongsWithMoney } from '../../test/support/money';
import type { Told as ToldOfMoney } from '../../test/support/till';
import type { Offer } from '../work/company';
import { codeOf, paymentOf, sentenceOf, type Told } from '../work/told';
import { explainRows } from './acknowledged';
import { check } from './linearizable';
import { optionHistories } from './option-histories';
import { optionModel } from './option-model';
import { readTables } from './tables';

export interface Verified {
  /** A sentence for each thing that should not be. */
  readonly anomalies: string[];
  /** Operations of single options that the checker has put in order, and places that it looked at for that. */
  readonly ordered: number;
  readonly looked: number;
}

/**
 * Looks at everything that was told and everything that there is, when nobody does anything any more:
 *
 * - what was acknowledged is there, once, and whatever is there was asked for;
 * - the counters are the sums of the rows, and money is where it should be;
 * - each transaction, in the order of the database's own journal, was allowed at its time: stock, limits, expiry, payments;
 * - what clients were told of each option is linearizable, without a look at the journal.
 */
export async function verify(
  pool: Pool,
  told: readonly Told[],
  offers: readonly Offer[],
  rules: Rules,
): Promise<Verified> {
  const tables = await readTables(pool);
  const { wrongs, found } = explainRows(told, tables);
  const anomalies = [...wrongs, ...unheardOf(told)];
  anomalies.push(...(await wrongsWithMoney(pool, told.flatMap(ofMoney))));
  anomalies.push(...(await wrongsInJournal(pool, offers, rules)));
  const histories = optionHistories({ told, tables, found, holdMs: rules.holdMs });
  let [ordered, looked] = [0, 0];
  for (const [id, option] of offers.flatMap(({ options }) => [...options])) {
    const history = histories.get(id) ?? [];
    const verdict = check(optionModel(option.allocation), history);
    ordered += history.length;
    looked += verdict.looked;
    if (verdict.is !== 'linearizable')
      anomalies.push(`what was told of option ${id} is ${verdict.is}: ${verdict.why}`);
  }
  return { anomalies, ordered, looked };
}

/** Answers that the service should never give. */
function unheardOf(told: readonly Told[]): string[] {
  return told.filter(({ answer }) => codeOf(answer) === 'internal_error').map(sentenceOf);
}

function ofMoney(told: Told): ToldOfMoney[] {
  const { wish, answer, sentMs, answeredMs } = told;
  if (wish.kind !== 'pay' && wish.kind !== 'refund') return [];
  // What was named without being confirmed may exist, or not.
  const payment = wish.kind === 'pay' && told.outcome !== 'unknown' ? paymentOf(told) : undefined;
  const bought = (answer.body.included ?? []).map(({ id }) => id);
  const about = { status: answer.status, code: codeOf(answer), bought, sentMs, answeredMs };
  if (wish.kind === 'refund') return [{ ...about, purchase: wish.id }];
  return [{ ...about, ...(payment !== undefined && { payment }) }];
}

async function wrongsInJournal(pool: Pool, offers: readonly Offer[], rules: Rules): Promise<string[]> {
  const client = await pool.connect();
  try {
    const journal = await readJournal(client);
    const wrongs: string[] = [];
    for (const { event, options } of offers) {
      const model = new Model(new Map([...options].map(([id, option]) => [id, { ...option }])));
      for (const transaction of journal.get(event) ?? []) wrongs.push(...follow(transaction, model, rules));
      wrongs.push(...(await differencesFrom(model, client, event)));
    }
    return wrongs;
  } finally {
    client.release();
  }
}
