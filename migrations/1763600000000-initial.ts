import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every row carries its `event_id`, every key has its selective column first and `event_id` behind it. So a
 * database that distributes rows by event runs the same schema, and an index finds one row even while the table
 * has no statistics yet.
 *
 * The row of a hot option is rewritten once for each group of sales. Half of each page is left free, so that the
 * new version lands on the same page and no index is touched (HOT); a long description is kept out of that row.
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
        created_at  timestamptz(3) NOT NULL,
        updated_at  timestamptz(3) NOT NULL,
        CONSTRAINT pk_events PRIMARY KEY (id),
        CONSTRAINT ck_events_name CHECK (char_length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_events_description CHECK (char_length(description) <= 10000),
        CONSTRAINT ck_events_ends_at CHECK (ends_at > starts_at)
      )`);
    await queryRunner.query(`
      CREATE TABLE ticket_options (
        id             uuid NOT NULL,
        event_id       uuid NOT NULL,
        number         integer GENERATED ALWAYS AS IDENTITY NOT NULL,
        name           text NOT NULL,
        description    text,
        kind           text,
        allocation     integer NOT NULL,
        remaining      integer NOT NULL,
        reserved       integer NOT NULL DEFAULT 0,
        sold           integer NOT NULL DEFAULT 0,
        price_cents    integer NOT NULL DEFAULT 0,
        max_per_user   integer,
        max_per_order  integer,
        sales_start_at timestamptz(3),
        sales_end_at   timestamptz(3),
        created_at     timestamptz(3) NOT NULL,
        updated_at     timestamptz(3) NOT NULL,
        CONSTRAINT pk_ticket_options PRIMARY KEY (id, event_id),
        CONSTRAINT uq_ticket_options_number UNIQUE (number, event_id),
        CONSTRAINT fk_ticket_options_event FOREIGN KEY (event_id) REFERENCES events (id),
        CONSTRAINT ck_ticket_options_remaining CHECK (remaining >= 0),
        CONSTRAINT ck_ticket_options_reserved CHECK (reserved >= 0),
        CONSTRAINT ck_ticket_options_sold CHECK (sold >= 0),
        CONSTRAINT ck_ticket_options_adds_up CHECK (remaining::bigint + reserved + sold = allocation),
        CONSTRAINT ck_ticket_options_name CHECK (char_length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_ticket_options_description CHECK (char_length(description) <= 10000),
        CONSTRAINT ck_ticket_options_kind CHECK (char_length(kind) BETWEEN 1 AND 50),
        CONSTRAINT ck_ticket_options_price_cents CHECK (price_cents BETWEEN 0 AND 100000000),
        CONSTRAINT ck_ticket_options_max_per_user CHECK (max_per_user >= 1),
        CONSTRAINT ck_ticket_options_max_per_order CHECK (max_per_order >= 1),
        CONSTRAINT ck_ticket_options_sales_window CHECK (sales_end_at > sales_start_at)
      ) WITH (fillfactor = 50, toast_tuple_target = 256)`);
    await queryRunner.query(`
      CREATE TABLE purchases (
        id               uuid NOT NULL,
        event_id         uuid NOT NULL,
        ticket_option_id uuid NOT NULL,
        user_id          uuid NOT NULL,
        quantity         integer NOT NULL,
        unit_price_cents integer NOT NULL,
        created_at       timestamptz(3) NOT NULL,
        CONSTRAINT pk_purchases PRIMARY KEY (id, event_id),
        CONSTRAINT fk_purchases_ticket_option FOREIGN KEY (ticket_option_id, event_id)
          REFERENCES ticket_options (id, event_id),
        CONSTRAINT ck_purchases_quantity CHECK (quantity >= 1),
        CONSTRAINT ck_purchases_unit_price_cents CHECK (unit_price_cents BETWEEN 0 AND 100000000)
      )`);
    await queryRunner.query(`
      CREATE TABLE user_counts (
        user_id          uuid NOT NULL,
        ticket_option_id uuid NOT NULL,
        event_id         uuid NOT NULL,
        tickets          integer NOT NULL,
        CONSTRAINT pk_user_counts PRIMARY KEY (user_id, ticket_option_id, event_id),
        CONSTRAINT fk_user_counts_ticket_option FOREIGN KEY (ticket_option_id, event_id)
          REFERENCES ticket_options (id, event_id) ON DELETE CASCADE,
        CONSTRAINT ck_user_counts_tickets CHECK (tickets >= 0)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE user_counts, purchases, ticket_options, events');
  }
}
