const exact = new WeakSet<Request>()

/** Records that a request's body cannot be longer than its `Content-Length`: Node's HTTP parser stops there. */
export function noteExactLength(request: Request): void {
  exact.add(request)
}

/** Whether the length of a request's body is reliable, so that a small one may be read at once. */
export function hasExactLength(request: Request): boolean {
  return exact.has(request) && request.headers.has('content-length')
}
