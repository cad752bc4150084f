/** True if this is `npm run test:all`. In this case, each `*.slow.test.ts` runs the tests of the file beside it with more cases. */
export const isWide = process.env.SLOW_TESTS === '1'
