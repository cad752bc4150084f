import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { methodLabel } from './method.ts'

/** Functions that read the values of the gauges. They are called only when the metrics are requested. */
export type Readings = {
  queue(): { running: number; waiting: number; refused: number }
  feed(): { readers: number; lagSeconds: number; live: number }
  /** Seconds since the signing key began to sign, and seconds until the reserve key begins to sign. */
  key(): { ageSeconds: number; remainingSeconds: number }
}

const refreshOutcomes = ['rotate', 'repeat', 'sibling', 'reuse', 'restored', 'refused', 'failed'] as const
export type RefreshOutcome = (typeof refreshOutcomes)[number]

const throttles = [
  'sign_in',
  'sign_in_code',
  'sign_up',
  'mail',
  'link',
  'pending_sign_in',
  'refresh',
  'prompt',
  'passkey',
  'own_passkey',
  'profile_change',
  'address_change',
  'session_end',
  'listing',
  'provider',
  'identity_change',
  'provider_token',
  'download',
  'second_factor',
  'recovery_code',
  'organization_change',
  'organization',
  'invitation',
  'factor_change',
] as const

const breachOutcomes = ['known', 'unknown', 'failed'] as const

const mailOutcomes = ['sent', 'postponed', 'dead'] as const

const signInOutcomes = ['success', 'refused', 'busy', 'gone', 'failed'] as const
export type SignInOutcome = (typeof signInOutcomes)[number]

export type Metrics = ReturnType<typeof createMetrics>

/** The buckets for response times, in seconds: from the time of a cached response to a time after which a client has disconnected. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Creates the Prometheus metrics of one server. No label contains personal data, or a value that a caller can choose freely. So the number
 * of time series is limited. `endReasons` are all reasons why a session ends.
 */
export function createMetrics(endReasons: readonly string[] = []) {
  const registry = new Registry()
  const registers = [registry]
  /**
   * The label of a metric and all values of this label, by the name of the metric. Contains only labels whose values are known in advance.
   */
  const values = new Map<string, string>()

  /** Every value starts at 0, because Prometheus does not see the first increase of a new time series. */
  function countBy<V extends string>(name: string, label: string, known: readonly V[], help: string) {
    const counter = new Counter({ name: `sallyport_${name}`, help, labelNames: [label], registers })
    for (const value of known) counter.inc({ [label]: value }, 0)
    values.set(`sallyport_${name}`, `${label}: ${known.join(', ')}`)
    return (value: V, count = 1): void => counter.inc({ [label]: value }, count)
  }

  const requests = new Counter({
    name: 'sallyport_requests_total',
    help: 'Requests answered. `route` is the pattern of the path, `*` for unknown paths.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'sallyport_request_duration_seconds',
    help: 'Time from the request to its response. For the revocation stream, the time until it begins.',
    labelNames: ['route', 'method'],
    buckets,
    registers,
  })
  const countRefresh = countBy(
    'refresh_total',
    'outcome',
    refreshOutcomes,
    'Refreshes, by the case of the refresh rule. `restored`: the token is newer than the database, which was replaced by an earlier copy. `refused`: refused before the rule was applied. `failed`: an error of the server, such as an unavailable database.',
  )
  const countSignIn = countBy(
    'sign_in_total',
    'outcome',
    signInOutcomes,
    'Sign-ins with a password, a mailed code or a mailed link. `busy`: refused because the queue of hashes was full. `gone`: the client disconnected while waiting.',
  )
  const countSignUp = countBy(
    'sign_up_total',
    'outcome',
    signInOutcomes,
    'Sign-ups. `refused`: for example a taken address, or a password that is too short.',
  )
  const countThrottled = countBy(
    'throttled_total',
    'throttle',
    throttles,
    'Requests that a throttle has refused, by its name in throttles.md.',
  )
  const countEnded = countBy(
    'sessions_ended_total',
    'reason',
    endReasons,
    'Sessions that were ended before they expired.',
  )
  const countBreachQuery = countBy(
    'breach_queries_total',
    'outcome',
    breachOutcomes,
    'New passwords checked with the service that lists breached passwords (`SALLYPORT_BREACH_URL`). `known`: the password is in the list. `failed`: the service gave no result.',
  )
  const countMail = countBy(
    'mails_total',
    'outcome',
    mailOutcomes,
    'Attempts to send a mail. `postponed`: repeated later. `dead`: given up.',
  )
  const databaseErrors = new Counter({
    name: 'sallyport_database_errors_total',
    help: 'Times that the database could not be used: by a request, a readiness check, periodic work (such as the deletion of expired rows) or the revocation log.',
    registers,
  })

  return {
    /** `route` is the pattern of the path. */
    countRequest(
      { route, method, status }: { route: string; method: string; status: number },
      ms: number,
    ): void {
      const label = methodLabel(method)
      requests.inc({ route, method: label, status })
      durations.observe({ route, method: label }, ms / 1000)
    },
    countRefresh,
    countSignIn,
    countSignUp,
    countThrottled,
    countEnded,
    countBreachQuery,
    countMail,
    countDatabaseError: () => databaseErrors.inc(),
    /** Adds the gauges and the metrics of the process. Call this only once. */
    observe({ queue, feed, key }: Readings): void {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name: `sallyport_${name}`,
          help,
          registers,
          collect() {
            this.set(readable(read))
          },
        })
      // `hash_gate` is the former name of `hash_queue`. It is kept for one more version.
      for (const name of ['hash_queue', 'hash_gate']) {
        const help = (metric: string, meaning: string) =>
          name === 'hash_gate' ? `Deprecated: use sallyport_hash_queue_${metric}.` : meaning
        gauge(`${name}_running`, help('running', 'Passwords being hashed right now.'), () => queue().running)
        gauge(`${name}_waiting`, help('waiting', 'Requests that wait for a hash.'), () => queue().waiting)
        new Counter({
          name: `sallyport_${name}_refused_total`,
          help: help('refused_total', 'Requests refused because too many waited.'),
          registers,
          collect() {
            this.reset()
            this.inc(queue().refused)
          },
        })
      }
      gauge('feed_readers', 'Verifiers that follow the revocation stream.', () => feed().readers)
      gauge(
        'feed_lag_seconds',
        'Time since the revocation log was last read to its end; up to 3 is usual.',
        () => feed().lagSeconds,
      )
      gauge(
        'revocations_live',
        'Revocations that this process and each verifier hold in memory.',
        () => feed().live,
      )
      gauge('signing_key_age_seconds', 'How long the signing key has been signing.', () => key().ageSeconds)
      gauge(
        'signing_key_remaining_seconds',
        'Time until the next signing key, which exists already, begins to sign.',
        () => key().remainingSeconds,
      )
      collectDefaultMetrics({ register: registry })
    },
    /** Returns all metrics in the text format of Prometheus, and the media type of this format. */
    async render(): Promise<{ text: string; type: string }> {
      return { text: await registry.metrics(), type: registry.contentType }
    },
    /** Returns the name, type, labels and meaning of Sallyport's own metrics. A test compares docs/operations.md with this list. */
    describe: () =>
      registry
        .getMetricsAsArray()
        .filter(({ name }) => name.startsWith('sallyport_'))
        .map(({ name, help, type, ...metric }) => {
          const labels = 'labelNames' in metric ? (metric.labelNames as string[]).join(', ') : ''
          return { name, type: String(type), labels: values.get(name) ?? labels, help }
        }),
  }
}

/** Returns the value, or NaN if it cannot be read, so that the other metrics are still shown. */
function readable(read: () => number): number {
  try {
    return read()
  } catch {
    return Number.NaN
  }
}
