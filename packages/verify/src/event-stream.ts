/** One event of a Server-Sent-Events stream. */
export type StreamEvent = { event: string; data: string; id: string | null }

/**
 * Parses a Server-Sent-Events stream (HTML Living Standard section 9.2.6) piece by piece, wherever the pieces are cut. An
 * event that the end of the stream cuts off is never given out. An event larger than the bound throws.
 */
export class EventStreamParser {
  readonly #maximumLength: number
  #line = ''
  #afterReturn = false
  #length = 0
  #event = ''
  #data: string[] = []
  #id: string | null = null

  constructor(maximumLength: number) {
    this.#maximumLength = maximumLength
  }

  /** Takes the next piece. Returns whether it completed a line, be it a mere comment: a sign of life. */
  push(piece: string, take: (event: StreamEvent) => void): boolean {
    let start = this.#afterReturn && piece.startsWith('\n') ? 1 : 0
    if (piece.length > 0) this.#afterReturn = piece.endsWith('\r')
    let completed = false
    for (const end of piece.matchAll(/\r\n|\n|\r/g)) {
      if (end.index < start) continue
      this.#grow(end.index - start)
      const line = this.#line + piece.slice(start, end.index)
      this.#line = ''
      this.#takeLine(line, take)
      start = end.index + end[0].length
      completed = true
    }
    this.#grow(piece.length - start)
    this.#line += piece.slice(start)
    return completed
  }

  #grow(by: number): void {
    this.#length += by
    if (this.#length > this.#maximumLength)
      throw new Error(`An event is longer than ${this.#maximumLength} characters.`)
  }

  #takeLine(line: string, take: (event: StreamEvent) => void): void {
    if (line === '') {
      const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id }
      const isWhole = this.#data.length > 0
      this.#event = ''
      this.#data = []
      this.#length = 0
      if (isWhole) take(event)
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) {
      // A comment does not count towards the event's length: heartbeats would fill it in time.
      if (this.#data.length === 0) this.#length = 0
      return
    }
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1))
    if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
  }
}
