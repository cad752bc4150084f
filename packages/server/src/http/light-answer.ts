/** The text of an answer whose body has not been made yet. */
const texts = new WeakMap<Response, string>()

/**
 * An answer with a text that stands beside it. The body of a `Response` is a web stream: to make one and to read it again costs more than
 * the rest of the answer. Whoever writes to a socket takes the text; for everybody else see {@link wholeFetch}.
 */
export function lightAnswer(text: string, init: ResponseInit): Response {
  const response = new Response(null, init)
  texts.set(response, text)
  return response
}

/** The text of a {@link lightAnswer}; undefined for an answer that has its body, or none. */
export function textOf(response: Response): string | undefined {
  return texts.get(response)
}

type Fetch<Env> = (request: Request, env?: Env) => Response | Promise<Response>

const lightOnes = new WeakMap<object, unknown>()

/** The same handler for everybody: its answers have their bodies. */
export function wholeFetch<Env>(light: Fetch<Env>): (request: Request, env?: Env) => Promise<Response> {
  const fetch = async (request: Request, env?: Env) => {
    const response = await light(request, env)
    const text = texts.get(response)
    return text === undefined ? response : new Response(text, response)
  }
  lightOnes.set(fetch, light)
  return fetch
}

/** The handler behind a {@link wholeFetch}; any other one as it is, such as one that somebody has put around ours. */
export function lightFetch<Env>(fetch: Fetch<Env>): Fetch<Env> {
  return (lightOnes.get(fetch) as Fetch<Env> | undefined) ?? fetch
}
