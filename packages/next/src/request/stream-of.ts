import type { Readable } from 'node:stream'
import { createDeadline } from './deadline.ts'

/**
 * A body as a web stream that is read as fast as the browser takes it, and ends with an error where the API's does. The API may be silent
 * for `silenceMs` while more is asked of it and it has everything; 0 is no limit.
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
