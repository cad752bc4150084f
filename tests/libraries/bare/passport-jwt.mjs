// As in the README of jwks-rsa, without optional settings.
import express from 'express'
import { passportJwtSecret } from 'jwks-rsa'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

const jwksUri = `${process.env.SALLYPORT_ISSUER}/.well-known/jwks.json`
const options = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKeyProvider: passportJwtSecret({ jwksUri, cache: true }),
}
passport.use(new Strategy(options, (payload, done) => done(null, payload)))
const app = express()
app.use(passport.authenticate('jwt', { session: false }))
app.get('/invoices', (request, response) => response.json({ for: request.user.sub }))
app.listen(process.env.PORT, '127.0.0.1')
