import type { endpoints } from '@sallyport/protocol/endpoints'
import type { Handler } from '../handler.ts'
import { revocationStream } from '../revocation-stream.ts'

export const revocationsHandler: Handler<typeof endpoints.revocations> = ({ request }, { revocations }) =>
  revocationStream(revocations, request.headers.get('last-event-id'))
