import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventStreamParser, type StreamEvent } from './event-stream.ts'

function parse(pieces: string[], maximumLength = 1000): { events: StreamEvent[]; alive: boolean[] } {
  const parser = new EventStreamParser(maximumLength)
  const events: StreamEvent[] = []
  const alive = pieces.map((piece) => parser.push(piece, (event) => events.push(event)))
  return { events, alive }
}

const text =
  'event: one\nid: 1\ndata: a\ndata:b\n\n: comment\r\n\r\ndata\rdata: c\r\rid: 2\n\nevent: two\ndata: d\r\ndata: e\r\n\r\ndata: cut'
const events = [
  { event: 'one', data: 'a\nb', id: '1' },
  { event: 'message', data: '\nc', id: '1' },
  { event: 'two', data: 'd\ne', id: '2' },
]

describe('EventStreamParser', () => {
  test('reads events as the standard says, with any line end, and leaves out the one that is cut off', () => {
    expect(parse([text]).events).toEqual(events)
  })

  test('gives the same events wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), text.length]
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
        expect(parse(pieces).events).toEqual(events)
      }),
    )
  })

  test('never throws anything but its bound, whatever it is fed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        expect(() => parse(pieces, 1_000_000)).not.toThrow()
      }),
    )
  })

  test('a completed line is a sign of life, a dribble is not', () => {
    expect(parse([': hea', 'rt', 'beat\n', '', '\n']).alive).toEqual([false, false, true, false, true])
    expect(parse(['\n']).alive).toEqual([true])
  })

  test('a line feed belongs to the return before it, also behind a piece of nothing', () => {
    const { events, alive } = parse(['data: a\r', '', '\n', '\n'])
    expect(alive).toEqual([true, false, false, true])
    expect(events).toEqual([{ event: 'message', data: 'a', id: null }])
  })

  test('an event is bounded, however its length is made up; heartbeats may go on for ever', () => {
    expect(() => parse(['x'.repeat(1001)])).toThrow(/longer/)
    expect(() => parse(Array.from({ length: 11 }, () => 'x'.repeat(100)))).toThrow(/longer/)
    expect(() => parse(Array.from({ length: 101 }, () => 'data: xxxx\n'))).toThrow(/longer/)
    expect(() => parse(Array.from({ length: 1000 }, () => ': heartbeat\n'))).not.toThrow()
    expect(() => parse(Array.from({ length: 1000 }, () => ': heartbeat\n\n'))).not.toThrow()
    expect(() => parse(['x'.repeat(1000)])).not.toThrow()
    expect(() => parse(['data: xxxx\n'.repeat(100)])).not.toThrow()
    expect(() => parse(['data: xxxx\n'.repeat(101)])).toThrow(/longer/)
    expect(() => parse([`${'data: xxxx\n'.repeat(99)}0123456789`])).not.toThrow()
    expect(() => parse([`${'data: xxxx\n'.repeat(99)}0123456789x`])).toThrow(/longer/)
    expect(() => parse(Array.from({ length: 1000 }, () => 'data: xxxx\n\n'))).not.toThrow()
    expect(() => parse(Array.from({ length: 101 }, () => 'data: xxxx\n: comment\n'))).toThrow(/longer/)
  })

  test('a field of another name says nothing, and one blank after the colon is no part of the value', () => {
    const stream = 'id: 1\nretry: 9\nname\nevent: one\ndata:  a\ndatum: b\n\nevent: two\n\ndata:\n\n'
    expect(parse([stream]).events).toEqual([
      { event: 'one', data: ' a', id: '1' },
      { event: 'message', data: '', id: '1' },
    ])
  })

  test('an id with a NUL in it is passed over', () => {
    expect(parse(['id: 1\ndata: a\n\nid: 2\u0000\ndata: b\n\n']).events.map(({ id }) => id)).toEqual([
      '1',
      '1',
    ])
  })
})
