import { type Counted, differences, differencesOverAll, soldOutDifferences } from '../bench/differences';
import { unexpected } from '../bench/measure';
import { foldedDifferences } from '../bench/strategies/stock';
import { type CountedPaid, differencesPaid } from '../bench/verify-paid';

describe('the count after a load', () => {
  const bought: Counted = {
    ...{ allocation: 10, remaining: 3, reserved: 0, sold: 7 },
    ...{ purchased: 7, held: 0, promised: 0, counted: null },
  };
  const reserved: Counted = {
    ...{ allocation: 10, remaining: 3, reserved: 7, sold: 0 },
    ...{ purchased: 0, held: 7, promised: 7, counted: 7 },
  };
  const told = (accepted: number, others: Record<string, number> = {}, unanswered = 0) => ({
    allocation: 10,
    quantity: 1,
    result: { statuses: { 201: accepted, ...others }, unanswered },
  });

  it('finds nothing where everything fits', () => {
    expect(differences(told(7, { 400: 5 }), bought)).toEqual([]);
    expect(differences(told(7, { 409: 5 }), reserved)).toEqual([]);
  });

  it.each([
    ['an oversold option', told(11), { ...bought, remaining: -1, sold: 11, purchased: 11 }],
    ['a purchase without its row', told(7), { ...bought, purchased: 6 }],
    ['a reservation without its hold', told(7), { ...reserved, held: 6 }],
    ['a hold without its reservation', told(7), { ...reserved, promised: 6 }],
    ['a user who is not counted', told(7), { ...reserved, counted: 6 }],
    ['a reservation where something was bought', told(7), { ...reserved, reserved: 0, sold: 7 }],
    ['an acknowledged purchase that is gone', told(8), bought],
    ['a purchase that nobody was told of', told(6), bought],
    ['counters that do not add up', told(7), { ...bought, remaining: 4 }],
    ['an allocation that changed', told(7), { ...bought, allocation: 11, remaining: 4 }],
  ])('finds %s', (_what, sale, counted) => {
    expect(differences(sale, counted)).not.toEqual([]);
  });

  it('grants that a request without a clear answer may have bought', () => {
    expect(differences(told(5, { 503: 1 }, 1), bought)).toEqual([]);
    expect(differences(told(5, { 503: 1 }), bought)).not.toEqual([]);
  });
});

describe('the count after a load on many options', () => {
  const one: Counted = {
    ...{ allocation: 10, remaining: 7, reserved: 0, sold: 3 },
    ...{ purchased: 3, held: 0, promised: 0, counted: null },
  };
  const two: Counted = { ...one, remaining: 6, sold: 4, purchased: 4 };
  const told = (accepted: number, unanswered = 0) => ({
    allocation: 10,
    quantity: 1,
    result: { statuses: { 201: accepted }, unanswered },
  });

  it('finds nothing where everything fits', () => {
    expect(differencesOverAll(told(7), [one, two])).toEqual([]);
    expect(differencesOverAll(told(6, 1), [one, two])).toEqual([]);
  });

  it.each([
    ['an acknowledged purchase that is gone', told(8), [one, two]],
    ['a purchase that nobody was told of', told(6), [one, two]],
    ['a purchase without its row', told(7), [one, { ...two, purchased: 3 }]],
    [
      'an oversold option beside one with tickets',
      told(14),
      [one, { ...two, remaining: -1, sold: 11, purchased: 11 }],
    ],
  ])('finds %s', (_what, sale, options) => {
    expect(differencesOverAll(sale, options)).not.toEqual([]);
  });
});

describe('the count when few tickets meet many buyers', () => {
  it('finds nothing where each ticket was sold once', () => {
    expect(soldOutDifferences(100, 100, 100)).toEqual([]);
    expect(soldOutDifferences(100, 100, null)).toEqual([]);
  });

  it.each([
    ['a ticket that was sold twice', 101, 101],
    ['a ticket that was sold twice and written once', 101, 100],
    ['a confirmed ticket that is not there', 100, 99],
    ['a purchase that nobody was told of', 100, 101],
    ['a ticket that nobody got', 99, 99],
    ['one too many where nothing is written', 101, null],
  ])('finds %s', (_what, confirmed, purchased) => {
    expect(soldOutDifferences(100, confirmed, purchased)).not.toEqual([]);
  });
});

describe('the count of what was sold beside the counters', () => {
  it.each([
    [7, 3, 0],
    [8, 3, 1],
    [6, 3, 1],
    [11, -1, 1],
  ])('%i bought and %i left of ten are %i differences', (sold, left, count) => {
    expect(foldedDifferences(10, sold, left)).toHaveLength(count);
  });
});

describe('answers that should not have been', () => {
  const fine = { failures: {}, unanswered: 0, measured: 10, spent: false, statuses: { 201: 10 } };

  it('are none where everything was answered as it should', () => {
    expect(unexpected(fine, [201])).toEqual([]);
  });

  it.each([
    ['a connection that failed', { ...fine, failures: { ECONNRESET: 1 } }],
    ['a request without an answer', { ...fine, unanswered: 1 }],
    ['no answer at all', { ...fine, measured: 0, statuses: {} }],
    ['an end before its time', { ...fine, spent: true }],
    ['a refusal', { ...fine, statuses: { 201: 9, 400: 1 } }],
    ['an error', { ...fine, statuses: { 201: 9, 503: 1 } }],
  ])('include %s', (_what, result) => {
    expect(unexpected(result, [201])).toHaveLength(1);
  });
});

describe('the count after payments', () => {
  const paid: CountedPaid = {
    ...{ reserved: 3, sold: 7, revenue_cents: 700, purchases: 7, paid_reservations: 7 },
    ...{ payments: 7, paid_cents: 700, open_payments: 0 },
    ...{ charges: 7, charged_cents: 700, unknown_charges: 0 },
  };
  const told = (accepted: number, others: Record<string, number> = {}, unanswered = 0) => ({
    reserved: 10,
    priceCents: 100,
    result: { statuses: { 201: accepted, ...others }, unanswered },
  });

  it('finds nothing where everything fits', () => {
    expect(differencesPaid(told(7), paid)).toEqual([]);
    expect(differencesPaid(told(5, { 503: 1 }, 1), paid)).toEqual([]);
  });

  it.each([
    ['a payment that nobody was told of', told(6), paid],
    ['an acknowledged payment that is gone', told(8), paid],
    ['a charge without its payment', told(7), { ...paid, charges: 8, charged_cents: 800 }],
    ['a charge of too much', told(7), { ...paid, charged_cents: 701 }],
    ['a charge that no payment knows', told(7), { ...paid, unknown_charges: 1 }],
    ['a payment without its purchase', told(7), { ...paid, purchases: 6 }],
    ['a payment whose reservation is not paid', told(7), { ...paid, paid_reservations: 6 }],
    ['a payment without an end', told(7), { ...paid, open_payments: 1 }],
    ['tickets that are held still', told(7), { ...paid, reserved: 4 }],
    ['revenue that nobody paid', told(7), { ...paid, revenue_cents: 800 }],
  ])('finds %s', (_what, paying, counted) => {
    expect(differencesPaid(paying, counted)).not.toEqual([]);
  });
});
