import type Sqlite from 'better-sqlite3'

/**
 * The steps that create the schema, in order. The pragma `user_version` is the number of steps that were applied. Never change a step that
 * was released. Add another step instead.
 *
 * Amounts are whole numbers of cents. Times are milliseconds since 1970 (UTC).
 */
const steps: readonly string[] = [
  `
  CREATE TABLE plan (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    monthly_amount INTEGER NOT NULL CHECK (monthly_amount >= 0),
    position       INTEGER NOT NULL UNIQUE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE customer (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    company    TEXT NOT NULL,
    country    TEXT NOT NULL CHECK (length(country) = 2),
    -- The plan they are on, try out, or were on last.
    plan_id    TEXT NOT NULL REFERENCES plan (id),
    -- Name, company and email folded (lower case, no accents): what a search looks through.
    search_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    churned_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX customer_by_name ON customer (name, id);
  CREATE INDEX customer_by_created_at ON customer (created_at, id);
  CREATE INDEX customer_by_plan ON customer (plan_id);

  -- What a customer paid every month, and from when to when. A change of plan or seats ends one row and begins another.
  CREATE TABLE subscription (
    id             TEXT PRIMARY KEY,
    customer_id    TEXT NOT NULL REFERENCES customer (id),
    plan_id        TEXT NOT NULL REFERENCES plan (id),
    seats          INTEGER NOT NULL CHECK (seats > 0),
    monthly_amount INTEGER NOT NULL CHECK (monthly_amount > 0),
    started_at     INTEGER NOT NULL,
    ended_at       INTEGER CHECK (ended_at >= started_at)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX subscription_running ON subscription (customer_id) WHERE ended_at IS NULL;
  CREATE INDEX subscription_by_time ON subscription (started_at, ended_at, customer_id, monthly_amount);

  CREATE TABLE invoice (
    id          TEXT PRIMARY KEY,
    -- year * 1,000,000 + the count in that year: what numbers sort by, and what makes them unique.
    ordinal     INTEGER NOT NULL UNIQUE,
    number      TEXT NOT NULL GENERATED ALWAYS AS (printf('INV-%d-%04d', ordinal / 1000000, ordinal % 1000000)) STORED,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    -- Overdue is not a status: it is open and past due_at.
    status      TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void')),
    currency    TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) = 3),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    notes       TEXT NOT NULL DEFAULT '',
    created_by  TEXT NOT NULL,
    issued_at   INTEGER NOT NULL,
    due_at      INTEGER NOT NULL CHECK (due_at >= issued_at),
    paid_at     INTEGER,
    voided_at   INTEGER,
    CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    CHECK ((status = 'void') = (voided_at IS NOT NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX invoice_by_issued_at ON invoice (issued_at, id, status, due_at, amount);
  CREATE INDEX invoice_by_due_at ON invoice (due_at, id);
  CREATE INDEX invoice_by_amount ON invoice (amount, id);
  CREATE INDEX invoice_by_status ON invoice (status, due_at, amount);
  CREATE INDEX invoice_by_customer ON invoice (customer_id, issued_at, id);

  CREATE TABLE invoice_line (
    invoice_id  TEXT NOT NULL REFERENCES invoice (id),
    position    INTEGER NOT NULL,
    description TEXT NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    unit_amount INTEGER NOT NULL CHECK (unit_amount >= 0),
    PRIMARY KEY (invoice_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE payment (
    id         TEXT PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    method     TEXT NOT NULL CHECK (method IN ('card', 'direct_debit', 'bank_transfer')),
    paid_at    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX payment_by_invoice ON payment (invoice_id, amount);
  CREATE INDEX payment_by_time ON payment (paid_at, amount);

  CREATE TABLE refund (
    id          TEXT PRIMARY KEY,
    invoice_id  TEXT NOT NULL REFERENCES invoice (id),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    reason      TEXT NOT NULL,
    refunded_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refund_by_invoice ON refund (invoice_id, amount);
  CREATE INDEX refund_by_time ON refund (refunded_at, amount);

  -- The answers to requests that may come again (Idempotency-Key), per user and key.
  CREATE TABLE idempotent_answer (
    user_id        TEXT NOT NULL,
    key            TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    answer         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotent_answer_by_time ON idempotent_answer (created_at);
  `,
]

/**
 * Migrates a database to the newest schema. Several processes may do this at the same time.
 *
 * @throws TypeError if the file was written by a newer version of this API.
 */
export function migrate(sqlite: Sqlite.Database): void {
  const migrateInOne = sqlite.transaction(() => {
    const version = Number(sqlite.pragma('user_version', { simple: true }))
    if (version > steps.length)
      throw new TypeError(
        `The database has version ${version}, but this billing API supports versions up to ${steps.length}. Run the newer API.`,
      )
    for (const step of steps.slice(version)) sqlite.exec(step)
    if (version < steps.length) sqlite.pragma(`user_version = ${steps.length}`)
  })
  migrateInOne.immediate()
}
