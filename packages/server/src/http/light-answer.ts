/** The text of an answer whose body has not been made yet. */
const texts = new WeakMap<Response, string>()

/**
 * An answer with a text that stands beside it. The body of a `Response` is a web stream: to make one and to read it again costs more than
 * the rest of the answer. Whoever writes to a socket takes the text, everybody else {@link whole}.
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

/** The answer as everybody knows it, with its body. */
export function whole(response: Response): Response {
  const text = texts.get(response)
  return text === undefined ? response : new Response(text, response)
}
