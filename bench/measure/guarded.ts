import { bodyOf, type LoadRequest } from './load.ts'

/**
 * Makes sure that the two sides differ in the guard and in nothing else: the guarded address refuses a stranger, and
 * shows the caller as much as the open one does. A guard that lets everybody in would be the fastest of all.
 *
 * @param openCaller Who asks the open address, where that is not the same request.
 * @throws Error that says what was seen instead.
 */
export async function requireGuarded(
  guardedUrl: string,
  openUrl: string,
  caller: LoadRequest = {},
  openCaller = caller,
): Promise<void> {
  const { cookie: _, authorization: __, ...headers } = caller.headers ?? {}
  const stranger = await ask(guardedUrl, { ...caller, headers })
  if (stranger.status < 300) throw new Error(`${guardedUrl} answers ${stranger.status} to a stranger.`)
  const guarded = await ask(guardedUrl, caller)
  const open = await ask(openUrl, openCaller)
  if (guarded.status !== 200 || open.status !== 200)
    throw new Error(`${guardedUrl} answers ${guarded.status} to the caller, ${openUrl} ${open.status}.`)
  // A page names its own path and its reader a few times; nothing else may differ.
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
