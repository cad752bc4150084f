// Runs the same tests, and those that wait for a time limit.
import './node.test.ts'
