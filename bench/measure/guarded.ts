import { bodyOf, type LoadRequest } from './load.ts'

/**
 * Checks that the two sides differ only in the guard: the guarded URL refuses a request without a session, and returns as much to the
 * caller as the open URL. A guard that accepts every request would be the fastest.
 *
 * @param openCaller The request to the open URL, if it differs from `caller`.
 * @throws Error that describes the response.
 */
export async function requireGuarded(
  guardedUrl: string,
  openUrl: string,
  caller: LoadRequest = {},
  openCaller = caller,
): Promise<void> {
  const { cookie: _, authorization: __, ...headers } = caller.headers ?? {}
  const stranger = await ask(guardedUrl, { ...caller, headers })
  if (stranger.status < 300)
    throw new Error(`${guardedUrl} answers ${stranger.status} to a request without a session.`)
  const guarded = await ask(guardedUrl, caller)
  const open = await ask(openUrl, openCaller)
  if (guarded.status !== 200 || open.status !== 200)
    throw new Error(`${guardedUrl} answers ${guarded.status} to the caller, ${openUrl} ${open.status}.`)
  // A page contains its own path and user a few times. Nothing else may differ.
  if (Math.abs(guarded.length - open.length) > open.length * 0.05)
    throw new Error(
      `${guardedUrl} answers ${guarded.length} characters, ${openUrl} ${open.length}: not equal.`,
    )
}

async function ask(url: string, request: LoadRequest): Promise<{ status: number; length: number }> {
  const answer = await fetch(url, {
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    body: bodyOf(request),
    redirect: 'manual',
  })
  return { status: answer.status, length: (await answer.text()).length }
}
