import { inOrder } from './effects';
import type { Transaction } from './journal';
import type { Model } from './model';
import { type Rules, wrongsAfter, wrongsBefore } from './rules';

/** Lets the model follow, step by step. @returns what a transaction should not have done */
export function follow(transaction: Transaction, model: Model, rules: Rules): string[] {
  const effects = inOrder(transaction.effects);
  const wrongs: string[] = [];
  for (const effect of effects) {
    wrongs.push(...wrongsBefore(effect, model, transaction, rules));
    wrongs.push(...model.apply(effect));
  }
  return [...wrongs, ...wrongsAfter(transaction, model)];
}
