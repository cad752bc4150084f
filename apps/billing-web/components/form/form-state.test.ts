import { describe, expect, it } from 'vitest'
import { done, refusedBy, typed, untouched } from './form-state.ts'

const problem = {
  type: 'urn:x',
  title: 'The request does not have the form that this endpoint accepts.',
  status: 400,
  code: 'invalid_request',
}

describe('a refusal in a form', () => {
  it('is shown at its field, and above the form only without a field', () => {
    const errors = [
      { field: 'email', message: 'Enter an email address.' },
      { field: 'email', message: 'A second complaint.' },
    ]
    const state = refusedBy({ problem: { ...problem, errors } }, untouched, { email: 'x' }, ['email'])
    expect(state).toEqual({
      message: null,
      fields: { email: 'Enter an email address.' },
      values: { email: 'x' },
      isDone: false,
      answers: 1,
    })
  })

  it('is shown above the form if it names a field that the form does not have', () => {
    const state = refusedBy(
      { problem: { ...problem, errors: [{ field: 'lines', message: 'Too many.' }] } },
      untouched,
      {},
      ['email'],
    )
    expect(state.message).toBe('Too many.')
  })

  it('of a service that is down says what to do, without internal details', () => {
    for (const answer of [
      null,
      { ...problem, status: 503, title: 'ECONNREFUSED' },
      { ...problem, status: 502 },
    ])
      expect(refusedBy({ problem: answer }, untouched, {}, []).message).toMatch(
        /cannot be reached.*Try again/,
      )
  })

  it('of too many attempts says how long to wait, if that is known', () => {
    const tooMany = { ...problem, status: 429 }
    expect(refusedBy({ problem: tooMany, retryAfterSeconds: 290 }, untouched, {}, []).message).toBe(
      'Too many attempts. Wait 5 minutes, then try again.',
    )
    expect(refusedBy({ problem: tooMany }, untouched, {}, []).message).toMatch(/Wait a moment/)
  })

  it('counts responses, so that the same refusal is announced twice', () => {
    const first = refusedBy({ problem }, untouched, {}, [])
    expect(refusedBy({ problem }, first, {}, []).answers).toBe(2)
    expect(done(first, {})).toMatchObject({ answers: 2, isDone: true, message: null })
  })
})

it('keeps the typed values of the named fields, without files, secrets and Next’s fields', () => {
  const form = new FormData()
  form.set('email', 'a@example.com')
  form.set('password', 'secret')
  form.set('$ACTION_ID', 'x')
  form.set('name', new File([], 'x'))
  expect(typed(form, ['email', 'name'])).toEqual({ email: 'a@example.com', name: '' })
})
