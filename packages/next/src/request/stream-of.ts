import type { Readable } from 'node:stream'
import { createDeadline } from './deadline.ts'

/**
 * Returns the body of an API's response as a web stream. The body is read only as fast as the browser reads the stream. If the body fails,
 * the stream fails too. The stream also fails if the browser waits for data and the API sends nothing for `silenceMs` milliseconds. 0 means
 * no limit. This limit applies only after the request was sent completely.
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
