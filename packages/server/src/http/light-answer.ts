/** The texts of answers without a body yet. */
const texts = new WeakMap<Response, string>()

/**
 * Returns an answer whose text is kept separately. The body of a `Response` is a web stream: creating and reading it costs more than the
 * rest of the answer. Code that writes to a socket uses {@link textOf}; other callers use {@link wholeFetch}.
 */
export function lightAnswer(text: string, init: ResponseInit): Response {
  const response = new Response(null, init)
  texts.set(response, text)
  return response
}

/** Returns the text of a {@link lightAnswer}; undefined if the answer has its body, or none. */
export function textOf(response: Response): string | undefined {
  return texts.get(response)
}

type Fetch<Env> = (request: Request, env?: Env) => Response | Promise<Response>

const lightOnes = new WeakMap<object, unknown>()

/** Returns the same handler, with bodies in its answers. */
export function wholeFetch<Env>(light: Fetch<Env>): (request: Request, env?: Env) => Promise<Response> {
  const fetch = async (request: Request, env?: Env) => {
    const response = await light(request, env)
    const text = texts.get(response)
    return text === undefined ? response : new Response(text, response)
  }
  lightOnes.set(fetch, light)
  return fetch
}

/** Returns the handler inside a {@link wholeFetch}; any other handler unchanged, such as one that wraps ours. */
export function lightFetch<Env>(fetch: Fetch<Env>): Fetch<Env> {
  return (lightOnes.get(fetch) as Fetch<Env> | undefined) ?? fetch
}
