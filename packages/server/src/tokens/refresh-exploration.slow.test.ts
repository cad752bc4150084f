// Runs the same exploration with wider limits.
import './refresh-exploration.test.ts'
