// A test loads this file into a Node process with `--import`. Names below `.test` then resolve to this machine, as in the browser.
import dns from 'node:dns'

const { lookup } = dns
dns.lookup = (hostname, ...rest) => lookup(hostname.endsWith('.test') ? '127.0.0.1' : hostname, ...rest)
