import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the gauges show; asked when somebody reads them, and not before. */
export type Readings = {
  gate(): { running: number; waiting: number; refused: number }
  feed(): { readers: number; lagSeconds: number; live: number }
  /** Seconds since the signing key began to sign, and until the one in reserve does. */
  key(): { ageSeconds: number; remainingSeconds: number }
}

export type RefreshOutcome = 'rotate' | 'repeat' | 'sibling' | 'reuse' | 'refused'
export type SignInOutcome = 'success' | 'refused' | 'busy'

export type Metrics = ReturnType<typeof createMetrics>

/** Seconds. From a cached answer to a caller who has long gone. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * The figures of one server (Prometheus). No label holds a person, an address or anything a caller chooses, so the number of series is
 * bounded by this code.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'sallyport_requests_total',
    help: 'Requests answered, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'sallyport_request_duration_seconds',
    help: 'Time from the request to its answer. The revocation stream counts until it begins.',
    labelNames: ['route', 'method'],
    buckets,
    registers,
  })
  const refreshes = new Counter({
    name: 'sallyport_refresh_total',
    help: 'Refreshes, by the branch of the refresh rule; `refused` is everything that never came to it.',
    labelNames: ['outcome'],
    registers,
  })
  const signIns = new Counter({
    name: 'sallyport_sign_in_total',
    help: 'Sign-ins with a password, by outcome; `busy` was turned away at the hash gate.',
    labelNames: ['outcome'],
    registers,
  })
  const signUps = new Counter({
    name: 'sallyport_sign_up_total',
    help: 'Accounts that were made.',
    registers,
  })
  const ended = new Counter({
    name: 'sallyport_sessions_ended_total',
    help: 'Sessions that somebody or something ended before their time, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const databaseErrors = new Counter({
    name: 'sallyport_database_errors_total',
    help: 'Requests that the database could not serve: answered 503.',
    registers,
  })

  return {
    /** `route` is the pattern of the path. */
    countRequest(
      { route, method, status }: { route: string; method: string; status: number },
      ms: number,
    ): void {
      const known = knownMethods.has(method) ? method : 'other'
      requests.inc({ route, method: known, status })
      durations.observe({ route, method: known }, ms / 1000)
    },
    countRefresh: (outcome: RefreshOutcome) => refreshes.inc({ outcome }),
    countSignIn: (outcome: SignInOutcome) => signIns.inc({ outcome }),
    countSignUp: () => signUps.inc(),
    countEnded: (reason: string, count: number) => ended.inc({ reason }, count),
    countDatabaseError: () => databaseErrors.inc(),
    /** Adds what is read at the moment of asking, and the figures of the process itself. Once. */
    observe({ gate, feed, key }: Readings): void {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name: `sallyport_${name}`,
          help,
          registers,
          collect() {
            this.set(read())
          },
        })
      gauge('hash_gate_running', 'Passwords being hashed right now.', () => gate().running)
      gauge('hash_gate_waiting', 'Requests that wait for their turn to hash.', () => gate().waiting)
      gauge(
        'hash_gate_refused',
        'Requests turned away because too many waited, since the start.',
        () => gate().refused,
      )
      gauge('feed_readers', 'Verifiers that follow the revocation stream.', () => feed().readers)
      gauge(
        'feed_lag_seconds',
        'Time since the revocation log was last known to be read to its end.',
        () => feed().lagSeconds,
      )
      gauge('revocations_live', 'Revocations that verifiers hold.', () => feed().live)
      gauge('signing_key_age_seconds', 'How long the signing key has been signing.', () => key().ageSeconds)
      gauge(
        'signing_key_remaining_seconds',
        'Time until the key in reserve takes over.',
        () => key().remainingSeconds,
      )
      collectDefaultMetrics({ register: registry })
    },
    /** All of them, in Prometheus' text format, with its media type. */
    async render(): Promise<{ text: string; type: string }> {
      return { text: await registry.metrics(), type: registry.contentType }
    },
    /** Name, kind, labels and meaning of each; the page in docs is made from this. */
    describe: () => registry.getMetricsAsArray().map(({ name, help }) => ({ name, help })),
  }
}
