import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every row carries its `event_id`, every key has its selective column first and `event_id` behind it. So a
 * database that distributes rows by event runs the same schema, and an index finds one row even while the table
 * has no statistics yet.
 *
 * The row of a hot option is rewritten once for each group of sales. Half of each page is left free, so that the
 * new version lands on the same page and no index is touched (HOT); a long description is kept out of that row.
 * The same row repeats what of its event decides on a sale (`event_*`), so that a sale looks at one row only.
 * The same room is left where else rows are rewritten soon: in the statistics, and in reservations, whose states change
 * within minutes.
 */
export class Initial1763600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE events (
        id          uuid NOT NULL,
        name        text NOT NULL,
        description text,
        venue       text,
        starts_at   timestamptz(3),
        ends_at     timestamptz(3),
        status      text NOT NULL DEFAULT 'scheduled',
        max_tickets_per_user integer,
        created_at  timestamptz(3) NOT NULL,
        updated_at  timestamptz(3) NOT NULL,
        CONSTRAINT pk_events PRIMARY KEY (id),
        CONSTRAINT ck_events_status CHECK (status IN ('scheduled', 'cancelled')),
        CONSTRAINT ck_events_max_tickets_per_user CHECK (max_tickets_per_user >= 1),
        CONSTRAINT ck_events_name CHECK (char_length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_events_description CHECK (char_length(description) <= 10000),
        CONSTRAINT ck_events_ends_at CHECK (ends_at > starts_at)
      )`);
    // One for each order in which events are listed; an event without a date comes last.
    await queryRunner.query('CREATE INDEX ix_events_name ON events (name, id)');
    await queryRunner.query('CREATE INDEX ix_events_created_at ON events (created_at, id)');
    await queryRunner.query(
      `CREATE INDEX ix_events_starts_at ON events ((coalesce(starts_at, 'infinity')), id)`,
    );
    await queryRunner.query(`
      CREATE TABLE ticket_options (
        id             uuid NOT NULL,
        event_id       uuid NOT NULL,
        number         integer GENERATED ALWAYS AS IDENTITY NOT NULL,
        name           text NOT NULL,
        description    text,
        kind           text,
        kind_key       text,
        allocation     integer NOT NULL,
        remaining      integer NOT NULL,
        reserved       integer NOT NULL DEFAULT 0,
        sold           integer NOT NULL DEFAULT 0,
        revenue_cents  bigint NOT NULL DEFAULT 0,
        price_cents    integer NOT NULL DEFAULT 0,
        max_per_user   integer,
        max_per_order  integer,
        sales_start_at timestamptz(3),
        sales_end_at   timestamptz(3),
        counts_users   boolean NOT NULL DEFAULT false,
        ever_taken     boolean NOT NULL DEFAULT false,
        event_cancelled    boolean NOT NULL DEFAULT false,
        event_max_per_user integer,
        event_counts_users boolean NOT NULL DEFAULT false,
        created_at     timestamptz(3) NOT NULL,
        updated_at     timestamptz(3) NOT NULL,
        CONSTRAINT pk_ticket_options PRIMARY KEY (id, event_id),
        CONSTRAINT uq_ticket_options_number UNIQUE (number, event_id),
        CONSTRAINT fk_ticket_options_event FOREIGN KEY (event_id) REFERENCES events (id),
        CONSTRAINT ck_ticket_options_remaining CHECK (remaining >= 0),
        CONSTRAINT ck_ticket_options_reserved CHECK (reserved >= 0),
        CONSTRAINT ck_ticket_options_sold CHECK (sold >= 0),
        CONSTRAINT ck_ticket_options_revenue_cents CHECK (revenue_cents >= 0),
        CONSTRAINT ck_ticket_options_adds_up CHECK (remaining::bigint + reserved + sold = allocation),
        CONSTRAINT ck_ticket_options_name CHECK (char_length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_ticket_options_description CHECK (char_length(description) <= 10000),
        CONSTRAINT ck_ticket_options_kind CHECK (char_length(kind) BETWEEN 1 AND 50),
        CONSTRAINT ck_ticket_options_price_cents CHECK (price_cents BETWEEN 0 AND 100000000),
        CONSTRAINT ck_ticket_options_max_per_user CHECK (max_per_user >= 1),
        CONSTRAINT ck_ticket_options_max_per_order CHECK (max_per_order >= 1),
        CONSTRAINT ck_ticket_options_event_max_per_user CHECK (event_max_per_user >= 1),
        CONSTRAINT ck_ticket_options_limits_are_counted CHECK (
          (max_per_user IS NULL OR counts_users) AND (event_max_per_user IS NULL OR event_counts_users)),
        CONSTRAINT ck_ticket_options_sales_window CHECK (sales_end_at > sales_start_at)
      ) WITH (fillfactor = 50, toast_tuple_target = 256)`);
    await queryRunner.query('CREATE INDEX ix_ticket_options_event ON ticket_options (event_id, id)');
    await queryRunner.query(`
      CREATE TABLE purchases (
        id               uuid NOT NULL,
        event_id         uuid NOT NULL,
        ticket_option_id uuid NOT NULL,
        user_id          uuid NOT NULL,
        quantity         integer NOT NULL,
        unit_price_cents integer NOT NULL,
        created_at       timestamptz(3) NOT NULL,
        reservation_id   uuid,
        payment_id       uuid,
        refunded_at      timestamptz(3),
        CONSTRAINT pk_purchases PRIMARY KEY (id, event_id),
        CONSTRAINT fk_purchases_ticket_option FOREIGN KEY (ticket_option_id, event_id)
          REFERENCES ticket_options (id, event_id),
        CONSTRAINT ck_purchases_quantity CHECK (quantity >= 1),
        CONSTRAINT ck_purchases_unit_price_cents CHECK (unit_price_cents BETWEEN 0 AND 100000000)
      )`);
    await queryRunner.query('CREATE INDEX ix_purchases_user ON purchases (user_id, id)');
    await queryRunner.query('CREATE INDEX ix_purchases_ticket_option ON purchases (ticket_option_id, id)');
    await queryRunner.query(`
      CREATE TABLE reservations (
        id                uuid NOT NULL,
        event_id          uuid NOT NULL,
        user_id           uuid NOT NULL,
        status            text NOT NULL DEFAULT 'active',
        ticket_option_ids uuid[] NOT NULL,
        quantities        integer[] NOT NULL,
        unit_prices_cents integer[] NOT NULL,
        expires_at        timestamptz(3) NOT NULL,
        created_at        timestamptz(3) NOT NULL,
        payment_id        uuid,
        purchase_ids      uuid[],
        CONSTRAINT pk_reservations PRIMARY KEY (id, event_id),
        CONSTRAINT ck_reservations_status CHECK (status IN ('active', 'paying', 'paid', 'cancelled')),
        CONSTRAINT ck_reservations_ticket_options CHECK (cardinality(ticket_option_ids) BETWEEN 1 AND 20),
        CONSTRAINT ck_reservations_quantities CHECK (
          cardinality(quantities) = cardinality(ticket_option_ids) AND 1 <= ALL (quantities)),
        CONSTRAINT ck_reservations_unit_prices_cents CHECK (
          cardinality(unit_prices_cents) = cardinality(ticket_option_ids) AND 0 <= ALL (unit_prices_cents)),
        CONSTRAINT ck_reservations_expires_at CHECK (expires_at > created_at),
        CONSTRAINT ck_reservations_payment CHECK (status NOT IN ('paying', 'paid') OR payment_id IS NOT NULL),
        CONSTRAINT ck_reservations_purchases CHECK (
          (status = 'paid') = (purchase_ids IS NOT NULL)
          AND (purchase_ids IS NULL OR cardinality(purchase_ids) = cardinality(ticket_option_ids)))
      ) WITH (fillfactor = 50)`);
    await queryRunner.query('CREATE INDEX ix_reservations_user ON reservations (user_id, id)');
    await queryRunner.query('CREATE INDEX ix_reservations_event ON reservations (event_id, id)');
    await queryRunner.query(`
      CREATE TABLE holds (
        ticket_option_id uuid NOT NULL,
        expires_at       timestamptz(3) NOT NULL,
        reservation_id   uuid NOT NULL,
        event_id         uuid NOT NULL,
        user_id          uuid NOT NULL,
        quantity         integer NOT NULL,
        kinds            integer NOT NULL DEFAULT 1,
        CONSTRAINT pk_holds PRIMARY KEY (ticket_option_id, expires_at, reservation_id, event_id),
        CONSTRAINT ck_holds_quantity CHECK (quantity >= 1)
      ) WITH (autovacuum_vacuum_scale_factor = 0.02)`);
    await queryRunner.query('CREATE INDEX ix_holds_user ON holds (user_id, event_id)');
    // For the sweep, and for nobody else: on the plain column it would tempt plans that have the key of an option.
    await queryRunner.query(`CREATE INDEX ix_holds_sweep ON holds ((expires_at AT TIME ZONE 'UTC'))`);
    await queryRunner.query(`
      CREATE TABLE user_counts (
        user_id  uuid NOT NULL,
        scope_id uuid NOT NULL,
        event_id uuid NOT NULL,
        tickets  bigint NOT NULL,
        CONSTRAINT pk_user_counts PRIMARY KEY (user_id, scope_id, event_id),
        CONSTRAINT ck_user_counts_tickets CHECK (tickets >= 0)
      ) WITH (fillfactor = 90)`);
    await queryRunner.query(`
      CREATE TABLE payments (
        id             uuid NOT NULL,
        event_id       uuid NOT NULL,
        reservation_id uuid NOT NULL,
        status         text NOT NULL DEFAULT 'pending',
        amount_cents   bigint NOT NULL,
        refunded_cents bigint NOT NULL DEFAULT 0,
        failure_code   text,
        created_at     timestamptz(3) NOT NULL,
        check_at       timestamptz(3),
        CONSTRAINT pk_payments PRIMARY KEY (id, event_id),
        CONSTRAINT ck_payments_status CHECK (
          status IN ('pending', 'succeeded', 'failed', 'refunding', 'partially_refunded', 'refunded')),
        CONSTRAINT ck_payments_amount_cents CHECK (amount_cents >= 0),
        CONSTRAINT ck_payments_refunded_cents CHECK (refunded_cents BETWEEN 0 AND amount_cents),
        CONSTRAINT ck_payments_pending_is_checked CHECK (status <> 'pending' OR check_at IS NOT NULL)
      )`);
    // What has to be looked at again: few, whatever was paid before.
    await queryRunner.query(
      'CREATE INDEX ix_payments_check ON payments (check_at) WHERE check_at IS NOT NULL',
    );
    await queryRunner.query(`
      CREATE TABLE refunds (
        id           uuid NOT NULL,
        event_id     uuid NOT NULL,
        payment_id   uuid,
        purchase_id  uuid,
        amount_cents bigint NOT NULL,
        created_at   timestamptz(3) NOT NULL,
        done_at      timestamptz(3),
        check_at     timestamptz(3),
        CONSTRAINT pk_refunds PRIMARY KEY (id, event_id),
        CONSTRAINT uq_refunds_purchase UNIQUE (purchase_id, event_id),
        CONSTRAINT ck_refunds_amount_cents CHECK (amount_cents >= 0 AND (amount_cents = 0 OR payment_id IS NOT NULL)),
        CONSTRAINT ck_refunds_pending_is_checked CHECK ((done_at IS NULL) = (check_at IS NOT NULL))
      )`);
    await queryRunner.query('CREATE INDEX ix_refunds_check ON refunds (check_at) WHERE check_at IS NOT NULL');
    await queryRunner.query(`
      CREATE TABLE event_counts (
        event_id               uuid NOT NULL,
        allocation             bigint NOT NULL DEFAULT 0,
        reserved               bigint NOT NULL DEFAULT 0,
        sold                   bigint NOT NULL DEFAULT 0,
        revenue_cents          numeric(38) NOT NULL DEFAULT 0,
        reservations_created   bigint NOT NULL DEFAULT 0,
        reservations_paid      bigint NOT NULL DEFAULT 0,
        reservations_cancelled bigint NOT NULL DEFAULT 0,
        reservations_expired   bigint NOT NULL DEFAULT 0,
        CONSTRAINT pk_event_counts PRIMARY KEY (event_id),
        CONSTRAINT ck_event_counts_not_negative CHECK (
          least(allocation, reserved, sold, revenue_cents, reservations_created, reservations_paid,
                reservations_cancelled, reservations_expired) >= 0)
      ) WITH (fillfactor = 50)`);
    await queryRunner.query(`
      CREATE TABLE sales (
        minutes       integer NOT NULL,
        starts_at     timestamptz(3) NOT NULL,
        event_id      uuid NOT NULL,
        sold          bigint NOT NULL,
        revenue_cents numeric(38) NOT NULL,
        CONSTRAINT pk_sales PRIMARY KEY (minutes, starts_at, event_id),
        CONSTRAINT ck_sales_minutes CHECK (minutes IN (1, 60, 1440)),
        CONSTRAINT ck_sales_not_negative CHECK (least(sold, revenue_cents) >= 0)
      ) WITH (fillfactor = 50)`);
    await queryRunner.query('CREATE INDEX ix_sales_event ON sales (event_id, minutes, starts_at)');
    // Sums of bigints can be larger than one of them.
    await queryRunner.query(`
      CREATE TABLE sales_totals (
        minutes       integer NOT NULL,
        starts_at     timestamptz(3) NOT NULL,
        sold          numeric NOT NULL,
        revenue_cents numeric NOT NULL,
        CONSTRAINT pk_sales_totals PRIMARY KEY (minutes, starts_at),
        CONSTRAINT ck_sales_totals_not_negative CHECK (least(sold, revenue_cents) >= 0)
      ) WITH (fillfactor = 90)`);
    await queryRunner.query(`
      CREATE TABLE sales_folds (
        minutes integer NOT NULL,
        until   timestamptz(3) NOT NULL,
        CONSTRAINT pk_sales_folds PRIMARY KEY (minutes)
      )`);
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        id          uuid NOT NULL,
        event_id    uuid NOT NULL,
        fingerprint uuid NOT NULL,
        resource_id uuid,
        refused     json,
        created_at  timestamptz(3) NOT NULL,
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (id, event_id)
      )`);
    await queryRunner.query('CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at)');
    // The simulated payment gateway stands for a service elsewhere, which knows nothing of events.
    await queryRunner.query(`
      CREATE TABLE gateway_charges (
        key            uuid NOT NULL,
        amount_cents   bigint NOT NULL,
        currency       text NOT NULL,
        voided         boolean NOT NULL,
        refunded_cents bigint NOT NULL DEFAULT 0,
        CONSTRAINT pk_gateway_charges PRIMARY KEY (key),
        CONSTRAINT ck_gateway_charges_refunded_cents CHECK (refunded_cents BETWEEN 0 AND amount_cents)
      ) WITH (fillfactor = 90)`);
    await queryRunner.query(`
      CREATE TABLE gateway_refunds (
        key          uuid NOT NULL,
        charge_key   uuid NOT NULL,
        amount_cents bigint NOT NULL,
        CONSTRAINT pk_gateway_refunds PRIMARY KEY (key)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE idempotency_keys, gateway_refunds, gateway_charges, sales_folds, sales_totals, sales, event_counts, refunds, payments, user_counts, holds,
                 reservations, purchases, ticket_options, events`);
  }
}
