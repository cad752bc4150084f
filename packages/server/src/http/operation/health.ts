import type { endpoints } from '@sallyport/protocol/endpoints'
import { requireReadiness } from '../../flows/operator/readiness.ts'
import type { Handler } from '../handler.ts'

export const healthHandler: Handler<typeof endpoints.health> = () => ({ status: 'ok' })

export const readinessHandler: Handler<typeof endpoints.ready> = async (_, context) => {
  await requireReadiness(context)
  return { status: 'ready' }
}
