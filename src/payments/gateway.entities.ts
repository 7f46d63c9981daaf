import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What the simulated gateway knows of a key: a charge, or that there will never be one. */
@Entity('gateway_charges')
@Check('ck_gateway_charges_refunded_cents', `refunded_cents BETWEEN 0 AND amount_cents`)
export class GatewayChargeEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_gateway_charges' })
  key: string;

  @Column({ name: 'amount_cents', type: 'bigint' })
  amountCents: string;

  @Column({ type: 'text' })
  currency: string;

  @Column({ type: 'boolean' })
  voided: boolean;

  @Column({ name: 'refunded_cents', type: 'bigint', default: 0 })
  refundedCents: string;
}

/** Money that the simulated gateway has given back. */
@Entity('gateway_refunds')
export class GatewayRefundEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'pk_gateway_refunds' })
  key: string;

  @Column({ name: 'charge_key', type: 'uuid' })
  chargeKey: string;

  @Column({ name: 'amount_cents', type: 'bigint' })
  amountCents: string;
}
