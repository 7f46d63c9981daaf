import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Charge } from '../../src/payments/payment-gateway';
import { SimulatedGateway } from '../../src/payments/simulated-gateway';

/** When something fails: before the gateway has done it, or after, so that only its answer is lost. */
type When = 'before' | 'after';

/** What is wrong with a gateway. */
export interface Trouble {
  /** How long a charge takes to arrive, and its answer to come back, in milliseconds. */
  readonly chargeMs?: number;
  /** What happens before a charge arrives; in the same process. */
  readonly beforeCharge?: () => Promise<unknown>;
  readonly answerMs?: number;
  /** What happens before the answer comes back; in the same process. */
  readonly beforeAnswer?: () => Promise<unknown>;
  readonly charge?: When;
  /** What happens before a refund arrives; in the same process. */
  readonly beforeRefund?: () => Promise<unknown>;
  readonly refund?: When;
  /** Nobody can ask what became of a charge. */
  readonly find?: 'fails';
  /** Nothing can be called off; or it is confirmed and forgotten, and a charge may come all the same. */
  readonly void?: 'fails' | 'is forgotten';
  /** The process that asks is killed. */
  readonly dies?: 'before charge' | 'after charge' | 'before refund' | 'after refund';
}

/**
 * The simulated gateway with trouble, for instead of it (`overriding(PaymentGateway, TroubledGateway)`). Money is
 * really recorded. The trouble is that of `TroubledGateway.trouble`, in a process of its own that of the variable
 * GATEWAY_TROUBLE, as JSON; a charge whose token is JSON has its own.
 */
@Injectable()
export class TroubledGateway extends SimulatedGateway {
  static trouble: Trouble = JSON.parse(process.env['GATEWAY_TROUBLE'] ?? '{}') as Trouble;

  override async charge(key: string, amountCents: bigint, token: string, currency?: string): Promise<Charge> {
    const trouble = token.startsWith('{') ? (JSON.parse(token) as Trouble) : TroubledGateway.trouble;
    await pass(trouble.chargeMs);
    await trouble.beforeCharge?.();
    if (trouble.charge === 'before') throw new Error('the gateway could not be reached');
    if (trouble.dies === 'before charge') await die();
    const charge = await super.charge(key, amountCents, token, currency);
    if (trouble.dies === 'after charge') await die();
    if (trouble.charge === 'after') throw new Error('the answer of the gateway was lost');
    await pass(trouble.answerMs);
    await trouble.beforeAnswer?.();
    return charge;
  }

  override async find(key: string): Promise<Charge | undefined> {
    if (TroubledGateway.trouble.find === 'fails') throw new Error('the gateway could not be asked');
    return super.find(key);
  }

  override async void(key: string): Promise<Charge | undefined> {
    const trouble = TroubledGateway.trouble.void;
    if (trouble === 'fails') throw new Error('the gateway calls nothing off');
    return trouble === 'is forgotten' ? undefined : super.void(key);
  }

  override async refund(key: string, refundKey: string, amountCents: bigint): Promise<void> {
    const { trouble } = TroubledGateway;
    await trouble.beforeRefund?.();
    if (trouble.refund === 'before') throw new Error('the gateway could not be reached');
    if (trouble.dies === 'before refund') await die();
    await super.refund(key, refundKey, amountCents);
    if (trouble.dies === 'after refund') await die();
    if (trouble.refund === 'after') throw new Error('the answer of the gateway was lost');
  }
}

/** Holds up a gateway that waits for `opened`, until the test opens it. */
export class Barrier {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

/** Nobody has to stay for this when the test is over. */
async function pass(ms = 0): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false });
}

/** As `kill -9` does it. */
async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}
