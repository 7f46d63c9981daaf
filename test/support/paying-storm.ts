import { setTimeout as sleep } from 'node:timers/promises';
import { idOf, type PayingInstance, type Sale, reserveMany, cardOf } from './paying';
import type { Told } from './till';

const CLIENTS = 24;

/** Clients who reserve, pay, and give about a third of it back, until they are told to stop. */
export async function payAndRefund({ shop, till }: PayingInstance): Promise<{
  readonly sale: Sale;
  readonly told: readonly Told[];
  readonly end: () => Promise<void>;
}> {
  const told: Told[] = [];
  let going = true;
  const sale = await reserveMany(shop, 0);
  const { options } = sale;
  const client = async (number: number): Promise<void> => {
    for (let n = number; going; n += 1) {
      const [option, other] = n % 2 === 0 ? options : [options[1], options[0]];
      const both = [option, other].map((each) => ({ option: each, quantity: 1 }));
      const reserved = n % 3 === 0 ? await shop.reserveAll(both) : await shop.reserve(option, 1);
      if (reserved.body.data === undefined) {
        await sleep(50); // as Retry-After asks, only sooner
        continue;
      }
      const payment = await till.pay(idOf(reserved), n % 8 === 5 ? 'answer_lost' : cardOf(n));
      told.push(payment);
      const [purchase] = payment.bought;
      if (n % 3 === 0 && purchase !== undefined) told.push(await till.refund(purchase));
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return {
    sale,
    told,
    end: async () => {
      going = false;
      await clients;
    },
  };
}
