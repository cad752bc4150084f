// The lower limit of a guard of an Express route: a middleware that finds a bearer token in the header, and checks nothing.
import express from 'express'
import { invoice } from './invoice.ts'

const app = express()
app.get('/open', (_request, response) => {
  response.json(invoice)
})
app.get(
  '/guarded',
  (request, response, next) => {
    if (request.headers.authorization?.startsWith('Bearer ')) next()
    else response.status(401).end()
  },
  (_request, response) => {
    response.json(invoice)
  },
)
app.listen(Number(process.env.PORT))
