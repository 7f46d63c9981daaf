type Wallet = Readonly<Record<string, string>>;

/** What is said of a card, and how often among a hundred. Trouble is told to the gateway by the token. */
const WALLETS: readonly (readonly [often: number, by: Wallet])[] = [
  [50, { token: 'tok_visa' }],
  [12, { token: 'card_error' }],
  [8, { token: 'payment_error' }],
  [9, { token: 'tok_visa', currency: 'GBP' }],
  [5, {}],
  // Nobody knows what has become of the charge: it was never made, or its answer was lost.
  [4, { token: JSON.stringify({ charge: 'before' }) }],
  [4, { token: JSON.stringify({ charge: 'after' }) }],
  // It takes its time to be made, or to be answered.
  [3, { token: JSON.stringify({ chargeMs: 40 }) }],
  [4, { token: JSON.stringify({ answerMs: 40 }) }],
];

/** Longer than a lease of a second lasts, and whoever looks after it then needs. */
export const SLOW_MS = 2_300;
const SLOW: readonly Wallet[] = [
  { token: JSON.stringify({ chargeMs: SLOW_MS }) },
  { token: JSON.stringify({ answerMs: SLOW_MS }) },
];

/** @param slow how many of a hundred are slower than their lease */
export function aWallet(slow: number): Wallet {
  if (Math.random() * 100 < slow) return SLOW[Math.floor(Math.random() * SLOW.length)] ?? {};
  let dice = Math.random() * WALLETS.reduce((sum, [often]) => sum + often, 0);
  for (const [often, by] of WALLETS) {
    dice -= often;
    if (dice < 0) return by;
  }
  return {};
}
