/** The texts of responses that have no body yet. */
const texts = new WeakMap<Response, string>()

/**
 * Returns a light response: a response without a body, whose text is stored separately. The body of a `Response` is a web stream. To create
 * and read this stream costs more than the rest of the response. Code that writes to a socket uses {@link textOf}. Other callers use {@link
 * wholeFetch}.
 */
export function lightAnswer(text: string, init: ResponseInit): Response {
  const response = new Response(null, init)
  texts.set(response, text)
  return response
}

/** Returns the text of a {@link lightAnswer}. Returns undefined if the response has a normal body or no body. */
export function textOf(response: Response): string | undefined {
  return texts.get(response)
}

type Fetch<Env> = (request: Request, env?: Env) => Response | Promise<Response>

const lightOnes = new WeakMap<object, unknown>()

/** Returns a handler whose responses are the same, but have normal bodies. */
export function wholeFetch<Env>(light: Fetch<Env>): (request: Request, env?: Env) => Promise<Response> {
  const fetch = async (request: Request, env?: Env) => {
    const response = await light(request, env)
    const text = texts.get(response)
    return text === undefined ? response : new Response(text, response)
  }
  lightOnes.set(fetch, light)
  return fetch
}

/**
 * If the handler was made by {@link wholeFetch}, returns the handler that was given to that function. Returns any other handler unchanged,
 * such as a handler of the app that calls ours.
 */
export function lightFetch<Env>(fetch: Fetch<Env>): Fetch<Env> {
  return (lightOnes.get(fetch) as Fetch<Env> | undefined) ?? fetch
}
