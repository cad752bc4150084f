import { readConfig } from '../config/config.ts'
import type { Context, RequestSource } from '../services/context.ts'
import type { Database } from '../store/database.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { keyringOf } from '../tokens/keyring.ts'
import { frozenClock, testOptions } from './sallyport.ts'

/** Returns those parts of a context that throttles use. */
export function throttleContext(database: Database, throttleScale = 1) {
  const clock = frozenClock()
  let ids = 0
  const config = readConfig({ ...testOptions, throttleScale })
  const context = {
    config,
    keyring: keyringOf(...config.secret),
    database,
    clock,
    metrics: createMetrics(),
    newId: () => `try-${ids++}`,
  } as unknown as Context
  return { context, clock }
}

export function sourceFrom(address: string | null, device: string | null = null): RequestSource {
  return { address, userAgent: null, requestId: null, signal: null, device, limits: [] }
}
