import type { Context } from '../services/context.ts'
import type { Exchange } from './exchange.ts'

/** Answers one method of one path; refuses by throwing. */
export type Route = (exchange: Exchange, context: Context) => Promise<Response> | Response
