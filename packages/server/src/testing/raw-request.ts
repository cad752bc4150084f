import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** A response as it was received from the socket. */
export type RawAnswer = { status: number; headers: string; body: string }

/** Opens a socket to a server, so that a test can send bytes that no client would send. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url)
  // After a server has answered, it may close the connection before it has read everything. This must not fail the test.
  return connect(Number(port), hostname).on('error', () => {})
}

/** Sends these bytes unchanged, and reads until the server closes the connection. */
export async function rawRequest(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const socket = openSocket(url)
  socket.write(request)
  return readAnswer(await text(socket))
}

export function readAnswer(answer: string): RawAnswer {
  const [headers = '', body = ''] = answer.split(/\r\n\r\n([\s\S]*)/)
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0), headers, body }
}

/**
 * Sends a JSON request. Waits until the server has begun to handle it (100 Continue, RFC 9110 section 10.1.1) and has received the body.
 */
export async function beginRequest(url: string, path: string, body: string) {
  const socket = openSocket(url)
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
  )
  await once(socket, 'data')
  socket.write(body)
  return { socket, answer: text(socket).then(readAnswer) }
}
