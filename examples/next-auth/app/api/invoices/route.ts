import { callApi } from '../../../api'

/** For scripts of the page: the API's answer, without the token that it took to get it. */
export async function GET(): Promise<Response> {
  const answer = await callApi('/invoices')
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'private, no-store' },
  })
}
