/** Whether this is `npm run test:all`, in which a `*.slow.test.ts` runs the tests of the file beside it with more cases. */
export const isWide = process.env.SLOW_TESTS === '1'
