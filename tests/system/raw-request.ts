import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'

export type RawAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  setCookie: string[]
  body: string
}

/** Sends one request with exactly these headers, as an attacker would. `fetch` would normalize `Cookie` and set `Sec-Fetch-*` itself. */
export function rawRequest(url: string, headers: OutgoingHttpHeaders = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          setCookie: answer.headers['set-cookie'] ?? [],
          body,
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
