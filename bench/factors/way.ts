import type { Server } from '../measure/server.ts'

/** Sends the requests of one sign-in. Returns the last response. With a wrong proof, the server must refuse the last request. */
export type SignIn = (proof: 'right' | 'wrong') => Promise<Response>

/** A way to sign in at a running server. */
export type Way = {
  server: Server
  /** Prepares what so many sign-ins need, such as users and mailed codes. This is not measured. Each sign-in is used once. */
  prepare(count: number): Promise<SignIn[]>
  stop(): Promise<void>
}

/** Posts JSON and returns the response, which may be a refusal. */
export function send(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** Returns the JSON of a response. Throws if its status is another one. */
export async function read<Body>(answer: Response, status = 200): Promise<Body> {
  const text = await answer.text()
  if (answer.status !== status)
    throw new Error(`${answer.url} answered ${answer.status}, not ${status}: ${text}`)
  return JSON.parse(text) as Body
}

/** Returns another code than this one. */
export function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0')
}
