import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { NextRequest } from 'next/server'
import { getToken } from 'next-auth/jwt'

/** Calls your API for the signed-in user. The token is sent only to the API, and never to a script. */
export async function callApi(path: string): Promise<Response> {
  const request = new NextRequest('http://localhost', { headers: await headers() })
  const token = await getToken({ req: request })
  return fetch(`${process.env.API_URL}${path}`, {
    headers: { authorization: `Bearer ${token?.accessToken ?? ''}` },
    cache: 'no-store',
  })
}

/** Calls your API for a page. Returns the response, or redirects to the sign-in page. */
export async function apiGet<T>(path: string): Promise<T> {
  const response = await callApi(path)
  if (response.status === 401) redirect('/login')
  if (!response.ok) throw new Error(`The API answered ${response.status} to ${path}.`)
  return (await response.json()) as T
}
