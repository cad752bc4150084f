import type { endpoints } from '@sallyport/protocol/endpoints'
import type { Handler } from '../handler.ts'

export const metricsHandler: Handler<typeof endpoints.metrics> = async (_, { metrics }) => {
  const { text, type } = await metrics.render()
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'private, no-store' } })
}
