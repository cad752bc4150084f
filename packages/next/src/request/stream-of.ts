import type { Readable } from 'node:stream'
import { createDeadline } from './deadline.ts'

/**
 * Returns a body as a web stream. It is read as fast as the browser reads, and fails if the API's body fails. The API may send nothing
 * for `silenceMs` while the browser wants more and the request is sent completely; 0 is no limit.
 */
export function streamOf(
  body: Readable,
  { silenceMs, isSent }: { silenceMs: number; isSent: () => boolean },
): ReadableStream<Uint8Array> {
  const parts = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const deadline = createDeadline(() =>
    body.destroy(new Error(`The API sent nothing for ${silenceMs / 1000} s in the middle of a body.`)),
  )
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        deadline.start(isSent() ? silenceMs : 0)
        try {
          const { done, value } = await parts.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } finally {
          deadline.stop()
        }
      },
      cancel: () => void body.destroy(),
    },
    { highWaterMark: 0 },
  )
}
