// Runs the same tests over a year.
import './signing-keys.test.ts'
